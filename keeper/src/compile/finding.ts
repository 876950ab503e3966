import { limits } from '../base/limits.js'
import type { Diagnostic } from './types.js'

/** A diagnostic before its line and column are known: named by offset, by pointer, or by the file alone. */
export interface Finding {
  readonly severity: Diagnostic['severity']
  readonly rule: string
  readonly file: string
  readonly message: string
  readonly pointer?: string
  /** Characters from the start of the decoded text (without BOM). */
  readonly offset?: number
  /** Where `pointer` is to be looked up: at the key, or at the value (default). */
  readonly spot?: 'key' | 'value'
  /** Where to point when it is another place than `pointer` says, e.g. the object that lacks a property. */
  readonly anchor?: string
  readonly line?: number
  readonly column?: number
}

/** What a parser or a check says of one text; the file's name is added by whoever knows it. */
export type Remark = Omit<Finding, 'file' | 'severity'> & { readonly severity?: Diagnostic['severity'] }

/** At most a few more than limits.diagnosticsMax: nobody reads more, and a bad file can have millions. */
export const inFile = (file: string, remarks: readonly Remark[]): Finding[] =>
  remarks.slice(0, limits.diagnosticsMax + 1).map((remark) => ({ severity: 'error', ...remark, file }))

/** Offsets of the values (and keys) at the pointers that were asked for. */
export interface Place {
  readonly key: number
  readonly value: number
}
export type Places = Map<string, Place>

/** Called by a parser for every value it meets, containers before their members. */
export type OnPlace = (pointer: string, key: number, value: number) => void
