import type { ClientKind, Operation } from '../clients/client.js'
import type { Counts } from './histogram.js'

/** What a load process is told at its start. */
export interface LoadSpec {
  readonly kind: ClientKind
  readonly endpoints: readonly string[]
  /** Unique among the processes. */
  readonly name: string
  /** Loops, each with keys of its own. */
  readonly loops: number
  readonly keysPerLoop: number
  readonly bytes: number
}

export type ToLoad =
  | { readonly do: 'start'; readonly operation: Operation; readonly loops: number; readonly paceMs: number }
  /** From here on it counts. */
  | { readonly do: 'mark' }
  | { readonly do: 'report' }
  | { readonly do: 'stop' }
  | { readonly do: 'end' }

/** What one process did since the mark. */
export interface LoadReport {
  readonly done: number
  readonly latencies: Counts
  readonly failed: number
  /** How often each kind of failure happened. */
  readonly failures: Readonly<Record<string, number>>
  /** When each answer came, in milliseconds of the machine's monotonic clock; of paced loops only. */
  readonly at: readonly number[]
}

export type FromLoad =
  | { readonly kind: 'ready' | 'started' | 'marked' | 'stopped' }
  | { readonly kind: 'report'; readonly report: LoadReport }
  | { readonly kind: 'broken'; readonly reason: string }
