/** What of a member's start must be the same at all of them. */
export interface MemberSettings {
  /** Ids of its sealing keys, by which nobody learns a key; the one that seals first. */
  readonly sealingKeys: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly heartbeatIntervalMs: number
  readonly electionTimeoutMs: number
  readonly clientTls: 'off' | 'on' | 'mutual'
}
