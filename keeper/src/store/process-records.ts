/** Records of processes: who they are, their sessions, and what was left of them. */

/** `/<ns>/session/<id>`, bound to the lease of the same id. */
export interface SessionRecord {
  readonly v: 1
  readonly identity: ProcessIdentity
  /** SHA-256 of the secret, hex. */
  readonly secretHash: string
  /** Grows with each attached stream; an older one is fenced. */
  readonly attachment: number
  /** The process' own number of the attempt that made it; absent where it counts none. */
  readonly attempt?: number
  /** Member with the newest stream. */
  readonly member: number
  readonly principal: string
  readonly openedWallMs: number
}

/** `/<ns>/instance/<cluster>/<role>/<instance>`: a live process; bound to its session's lease. */
export interface InstanceRecord {
  readonly v: 1
  readonly session: string
  readonly identity: ProcessIdentity
  readonly startedWallMs: number
}

/** `/<ns>/lastword/<cluster>/<role>/<instance>`: what an ended process last ran with. */
export interface LastWordRecord {
  readonly v: 1
  readonly identity: ProcessIdentity
  readonly endedWallMs: number
  readonly why: 'left' | 'expired' | 'replaced'
  readonly applied: Readonly<
    Record<string, { readonly revision: number; readonly hash: string; readonly state: string }>
  >
}

export interface ProcessIdentity {
  readonly cluster: string
  readonly role: string
  readonly instance: string
  readonly incarnation: string
  readonly labels: Readonly<Record<string, string>>
  readonly addresses: Readonly<Record<string, string>>
  readonly host: string
  readonly pid: number
  readonly sdk: string
}

/** All labels of a process, with cluster, role and instance among them. */
export const labelsOf = (
  identity: Pick<ProcessIdentity, 'cluster' | 'role' | 'instance' | 'labels'>,
): Record<string, string> => ({
  ...identity.labels,
  cluster: identity.cluster,
  role: identity.role,
  instance: identity.instance,
})
