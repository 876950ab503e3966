/** What a child says of one seed. */
export interface SeedLine {
  readonly seed: number
  readonly ok: boolean
  /** Of the process so far. */
  readonly cpuSeconds: number
  /** The checker that fired; `crash` for what is no violation. */
  readonly checker?: string
  readonly message?: string
}
