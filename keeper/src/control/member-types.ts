import type { MemberEntry } from '../node/types.js'
import type { MemberRecord } from '../store/records.js'

/** A member that was there when the cluster began. */
export interface FoundingMember {
  readonly id: number
  readonly name: string
  readonly peer: string
  readonly folder: string
}

/** What a member says of itself in its record. */
export type OwnDescription = Pick<
  MemberRecord,
  'name' | 'folder' | 'peer' | 'clients' | 'version' | 'format' | 'features' | 'settings'
>

/** One member, all that is known of it. */
export interface MemberView extends MemberEntry {
  readonly name: string
  readonly peer: string
  readonly clients: readonly string[]
  readonly version: string
  /** It is in the configuration. */
  readonly takesPart: boolean
  /** Somebody has started under its name. */
  readonly joined: boolean
  /** What it is to be; empty when nobody asked for a change. */
  readonly wanted: NonNullable<MemberRecord['wanted']> | ''
}

export interface MemberAddition {
  readonly name: string
  readonly peer: string
  /** Stays a learner; otherwise it is made a voter once it has caught up. */
  readonly learner: boolean
}

/** What is asked of the leader. */
export type MembersRequest =
  | { readonly op: 'list' }
  | ({ readonly op: 'add' } & MemberAddition)
  | { readonly op: 'promote'; readonly name: string }
  | { readonly op: 'remove'; readonly name: string; readonly force: boolean }
  | { readonly op: 'transfer'; readonly name: string }

/** All members after it, and who was meant. */
export interface MembersAnswer {
  readonly id: number
  readonly members: readonly MemberView[]
}

/** Who asks to join, and with what. */
export interface JoinRequest {
  readonly name: string
  /** Random name of its data folder. */
  readonly folder: string
  /** The newest cluster version that it understands. */
  readonly format: number
}

/** All that a member needs to begin. */
export interface JoinAnswer {
  readonly clusterId: string
  readonly storeEpoch: number
  readonly id: number
  readonly learner: boolean
  /** The cluster knows another folder under its name: what the member once acknowledged is gone, it must recover. */
  readonly lostDisk: boolean
  /** The configuration with which the log begins. */
  readonly founders: readonly FoundingMember[]
  readonly members: readonly { readonly id: number; readonly name: string; readonly peer: string }[]
}
