/** What bounds the SDK inside somebody else's process. Bytes, counts and milliseconds, as the names end. */
export const limits = {
  frameBytesMax: 8 * 1024 * 1024,
  /** A push put together from chunks. */
  pushBytesMax: 64 * 1024 * 1024,
  subscriptionsMax: 1_024,
  requestsInFlightMax: 1_024,
  reasonBytesMax: 4_096,
  lastGoodFileBytesMax: 256 * 1024 * 1024,
  /** `received` is said only of what takes longer than this to apply. */
  receivedAfterMs: 100,
  saveAfterMs: 100,
  joinTimeoutMs: 5_000,
  configTimeoutMs: 10_000,
  requestTimeoutMs: 10_000,
  connectTimeoutMs: 5_000,
  /** Patience doubles with each round of attempts that nobody answered: keepers may have too much to do. */
  connectTimeoutMsMax: 20_000,
  /** The first look at an endpoint where there are others: a member that hangs takes the connection and says nothing. */
  connectFirstTimeoutMs: 2_000,
  /** While somebody waits: an endpoint that does not take the connection for so long has another one dialled beside it. */
  dialNextAfterMs: 300,
  /** A silent keeper that was replaced within so long was the only one in trouble: its silence doubles nothing. */
  quickMoveMs: 500,
  /** A stream that lasted this long forgives the silences before it; each of them doubles the patience with the next. */
  calmAfterMs: 60_000,
  silenceDoublingsMax: 4,
  /** A request without an answer for so long asks whether the keeper still lives. */
  slowAfterMs: 250,
  /**
   * A keeper that cannot serve for so long is left for another: while requests wait, and when none do. An election takes
   * less, and whoever leaves just before it comes too late.
   */
  moveAfterMs: 1_250,
  moveIdleAfterMs: 5_000,
  /** Heartbeats do the watching; pings only keep middle boxes from forgetting an idle connection. */
  keepaliveMs: 60_000,
  keepaliveTimeoutMs: 20_000,
  /** For the other side to take the end of a connection. */
  closeTimeoutMs: 1_000,
  /** Between two looks at whether TLS is why an endpoint cannot be connected to. */
  tlsLookEveryMs: 2_000,
  leaveTimeoutMs: 2_000,
  ttlMsMax: 3_600_000,
  /** Node's timers hold no more. */
  timerMsMax: 2 ** 31 - 1,
  /** Means of the jittered waits before a refused request is put again. */
  repeatFirstMs: 25,
  repeatMaxMs: 400,
  /** Means of the jittered waits; a wait is at most twice its mean. */
  backoffFirstMs: 100,
  backoffMaxMs: 2_000,
  /** While somebody waits for an answer: a refused connection costs little, his time is running out. */
  backoffAskingMaxMs: 400,
  backoffServerMaxMs: 60_000,
  /** A stream that lasted this long forgives the failures before it. */
  stableAfterMs: 5_000,
  endpointsMax: 64,
} as const
