/** Every queue, size, rate and time that bounds what others can make a keeper do. Bytes, counts and milliseconds, as the names end. */
export const limits = {
  // names
  nameBytesMax: 512,
  segmentBytesMax: 128,
  labelsMax: 32,
  labelBytesMax: 256,
  // files
  fileBytesMax: 16 * 1024 * 1024,
  treeBytesMax: 256 * 1024 * 1024,
  treeFilesMax: 50_000,
  nestingDepthMax: 100,
  yamlAliasesMax: 100,
  yamlAliasedValuesMax: 100_000,
  mergeKeysMax: 256,
  valuesPerFileMax: 2_000_000,
  overlayCombinationsMax: 1_024,
  diagnosticsMax: 1_000,
  /** With more changed files than this, a directory is sorted into configs anew. */
  groupsChangedMax: 2_000,
  compileDeadlineMs: 10_000,
  compileHeapMegabytes: 1_024,
  /** From so many bytes on a value, or a file, is not copied between threads, and is compared without being parsed. */
  largeValueBytesMin: 256 * 1024,
  /** A compiler that worked on so many bytes of a few files takes more memory than it spares time: it goes after a rest. */
  compileHeavyBytes: 1024 * 1024,
  compileHeavyFilesMax: 1_000,
  /** A disk with less to spare takes no files on their way in. */
  incomingSpareBytes: 512 * 1024 * 1024,
  /** A large file that is written so often while it is published comes into memory as a whole, for it may never hold still. */
  fileChangedTimesMax: 3,
  /** Of the files of configs that refer to others, so many bytes stay parsed from compile to compile. */
  compileKeptBytesMax: 4 * 1024 * 1024,
  /** Where a directory's small files have no more bytes, what stands in them is kept as JSON, so that it is not parsed again. */
  compileKeptTextBytesMax: 16 * 1024 * 1024,
  /** Of the young generation of the compiler's thread, where the keeper's is larger; and of one that begins with a few large files. */
  compileYoungMegabytes: 4,
  compileHeavyYoungMegabytes: 1,
  compileRestMs: 5_000,
  compileCollectMs: 1_000,
  /** A garbage collection after that is no pause that anybody notices. */
  collectedHeapBytesMax: 64 * 1024 * 1024,
  /** So many bytes of large buffers may lie dead before they are collected: the young, all, all after work with them. */
  diedBytesMax: 1.5 * 1024 * 1024,
  diedBytesInAllMax: 24 * 1024 * 1024,
  diedBytesInWork: 8 * 1024 * 1024,
  /** How often a keeper looks whether its young generation may grow; from what share of its time on; what it may have at rest. */
  youngLookMs: 2_000,
  youngLoadMin: 0.25,
  youngRestBytes: 4 * 1024 * 1024,
  settleOneMs: 30,
  settleManyMs: 300,
  // secrets
  secretBytesMax: 64 * 1024,
  secretNameChars: 128,
  secretsMax: 10_000,
  secretKeyFileBytesMax: 64 * 1024,
  // store
  entryBytesMax: 1024 * 1024,
  keyBytesMax: 64 * 1024,
  valueBytesMax: 1_536 * 1024,
  txnOperationsMax: 10_000,
  /** Two for each config, and what is compared and trimmed. */
  changeSetOperationsMax: 100_000,
  rangeLimitDefault: 10_000,
  blobChunkBytes: 512 * 1024,
  /** Blobs lie on disk: so many bytes of those read lately, none larger than that, stay in memory. */
  blobCacheBytes: 8 * 1024 * 1024,
  blobCachedBytesMax: 512 * 1024,
  /** Deleted at a time, for their bytes are read once more. */
  blobDeleteBytes: 16 * 1024 * 1024,
  historyRevisionsPerConfig: 1_000,
  /** Of the values and files of one config's revisions, about: fewer are kept of a large one. */
  historyBytesPerConfig: 256 * 1024 * 1024,
  historyAgeMs: 90 * 24 * 3600 * 1000,
  historySweepMs: 3600 * 1000,
  dedupResultsPerSession: 4_096,
  dedupSessionsMax: 100_000,
  dedupResultBytesMax: 1_024,
  dedupBytesMax: 256 * 1024 * 1024,
  txnDepthMax: 32,
  blobBytesMax: 256 * 1024 * 1024,
  blobChunksMax: 4_096,
  /** Larger blobs are made of pieces, cut where their bytes say so: about so many bytes each, at least and at most so many. */
  blobPieceBytes: 32 * 1024,
  blobPieceBytesMin: 12 * 1024,
  blobPieceBytesMax: 128 * 1024,
  blobPiecesMax: 12_288,
  leaseTtlSecondsMin: 1,
  leaseTtlSecondsMax: 9_000_000_000,
  // raft and log
  raftMessageBytesMax: 1024 * 1024,
  raftInflightMessages: 256,
  raftInflightBytesMax: 16 * 1024 * 1024,
  raftUncommittedBytesMax: 64 * 1024 * 1024,
  /** Far below 2^53, so that no sum with what a peer says leaves the safe integers. */
  raftTermMax: 2 ** 48,
  raftIndexMax: 2 ** 50,
  raftLogBytesMax: 64 * 1024 * 1024,
  /** How long a follower may wait for a commit index that no entry brings along. */
  commitNewsDelayMs: 2,
  /** With so many proposals under way at once a leader lets them gather for one entry, and no longer than this. */
  gatherCommandsMin: 128,
  gatherMsMax: 40,
  proposalQueueMax: 65_536,
  storeBytesMax: 2 * 1024 * 1024 * 1024,
  leaseExpiriesPerTickMax: 100,
  logGroupBytesMax: 8 * 1024 * 1024,
  /** A segment of the log: the first one, and each that follows twice as large up to the other, or to a share of a small disk. */
  logSegmentBytesMin: 1024 * 1024,
  logSegmentBytesMax: 16 * 1024 * 1024,
  logSegmentShare: 1 / 64,
  /** Segments kept to be written next; what else is no longer needed is removed. */
  logSegmentsReady: 2,
  snapshotBatchBytes: 1024 * 1024,
  /** The memory of a batch of so many bytes is kept so long for the next: flushes under load follow each other sooner. */
  batchKeptBytesMin: 4 * 1024 * 1024,
  batchKeptBytesMax: 64 * 1024 * 1024,
  batchKeptMs: 10_000,
  /** A read that a quorum confirmed waits so long for this member to apply what it must show. */
  readApplyMs: 10_000,
  // keeper to keeper
  peerFrameBytesMax: 8 * 1024 * 1024,
  peerQueueBytesMax: 64 * 1024 * 1024,
  peerWaitingBytesMax: 1024 * 1024,
  peerConnectionsMax: 256,
  peerGreetingTimeoutMs: 5_000,
  peerGreetingBytesMax: 64 * 1024,
  peerGreetingsMax: 64,
  /** A member waits so long for a bare connection, at least: the kernel of a machine that is there accepts within a round trip. */
  peerConnectTimeoutMs: 500,
  /** For the whole dial, greeting and all: as long as two election timeouts, so much at least and at most. */
  peerDialTimeoutMs: 2_000,
  peerDialTimeoutMaxMs: 10_000,
  peerRedialMinMs: 20,
  peerRedialMaxMs: 250,
  peerLingerMs: 500,
  peerPulseMs: 500,
  peerPulseBehindBytes: 64 * 1024,
  peerSilenceMs: 2_500,
  /** A stream that was heard so lately lives: no other process may speak for its member. */
  peerAliveMs: 1_200,
  /** A process that is taken for a second one of its member for so long ends. */
  displacedAfterMs: 4_000,
  peerAskTimeoutMs: 2_000,
  membersPatienceMs: 15_000,
  /** Who only asks who the members are hears sooner that there is no leader. */
  membersListPatienceMs: 4_000,
  joinPatienceMs: 10_000,
  joinRetryMs: 200,
  /** How long a leader that stops serves on for others that could not go on without it: one of them may be on its way back. */
  handOverPatienceMs: 500,
  /** How far behind what is committed one of them may be and count as there. */
  handOverLagEntriesMax: 100,
  /** How long a voter that was removed stays for those that do not know yet that it is gone. */
  departurePatienceMs: 30_000,
  membersRetryMs: 50,
  membersIntervalMs: 500,
  promoteLagEntriesMax: 1_000,
  snapshotBlockBytesMax: 512 * 1024 * 1024,
  peerAnswerBytesMax: 4 * 1024 * 1024,
  snapshotChunkBytes: 256 * 1024,
  snapshotWindowChunks: 16,
  snapshotResumeMs: 30_000,
  /** A receiver that takes nothing for so long is given up. Generous: at the end it syncs and verifies all of it. */
  snapshotStallMs: 120_000,
  /** Renewed certificates are noticed so soon. */
  certificateCheckMs: 10_000,
  /** The command line gives each of several keepers so long to take its connection, and all of them a second chance. */
  connectFirstMs: 1_000,
  /** The command line looks for so long whether TLS is why it has no connection. */
  tlsTroubleMs: 2_000,
  // disk
  diskLowBytes: 64 * 1024 * 1024,
  diskLowShare: 1 / 4,
  diskCheckIntervalMs: 1_000,
  ballastBytes: 8 * 1024 * 1024,
  ballastShare: 1 / 16,
  /** The reserve to open a full disk with grows by so much, and holds so many times the write-ahead logs of the state. */
  reserveStepBytes: 1024 * 1024,
  reserveOverhead: 9 / 8,
  /** Write-ahead logs grow to so much while records come in small batches: one is full, one is being made a table of. */
  stateLogBytesMax: 20 * 1024 * 1024,
  // sessions
  messageBytesMax: 4 * 1024 * 1024,
  /** A piece of a large push is a sign of life: on a slow link one comes before the silence between them is too long. */
  pushChunkBytes: 64 * 1024,
  /** To one session; so many are in memory at a time, for all sessions that come to them in the same turn. */
  pushChunksPerTurn: 16,
  deltaValueBytesMin: 16 * 1024,
  deltaBasesMax: 8,
  /** A difference is made in slices of so much time; a process that waited for so long is sent the value whole. */
  deltaSliceMs: 8,
  deltaPatienceMs: 2_000,
  sessionsMax: 50_000,
  subscriptionsPerSessionMax: 1_024,
  requestsInFlightPerSession: 1_024,
  sessionQueueBytesMax: 1024 * 1024,
  helloTimeoutMs: 5_000,
  sessionTtlMs: 15_000,
  sessionTtlMsMin: 1_000,
  sessionTtlMsMax: 600_000,
  /** Mean of the first wait after a lost stream; grows with the streams of a member, for they come back together. */
  reconnectDelayMs: 50,
  /** Attachments that a member writes to the log, how many of them at once, and how long one waits its turn. */
  hellosPerSecond: 1_500,
  hellosBurst: 250,
  helloQueueMs: 400,
  renewBatchMs: 100,
  ledgerCoalesceMs: 20,
  /** A member that knows what an ended process last ran with has so long to write it down. */
  lastWordGraceMs: 3_000,
  /** Questions to other members about their processes: patience, size of an answer, and how long one waits for a change. */
  ledgerAskMs: 1_000,
  ledgerPageBytes: 1024 * 1024,
  ledgerPollMs: 5_000,
  ledgerPollPauseMs: 100,
  pushCacheBytesMax: 32 * 1024 * 1024,
  heartbeatIntervalMs: 5_000,
  /** Few sessions beat so often, for then it costs little to know at once that a member hangs. */
  heartbeatIntervalMsMin: 1_000,
  heartbeatsPerSecond: 1_000,
  /** A member that leaves a heartbeat unanswered for so long is left for another. */
  heartbeatSilenceMs: 600,
  /** So often a member says to each process that it lives, as long as it is not too often for all of them together. */
  beaconMs: 250,
  beaconsPerSecond: 12_000,
  drainRequestsMs: 1_000,
  watchersMax: 10_000,
  reasonBytesMax: 4_096,
  // publishing
  deltaPathsMax: 100,
  deltaValueChars: 1_024,
  /** What a plan lists of one config: distinct steps from value to value, names of processes for each, changes of type. */
  /** Among so many of the newest change sets an undo looks for its own. */
  undoChangeSetsMax: 1_000,
  /** Values that one question explains. */
  explainValuesMax: 1_000,
  planOutcomesMax: 64,
  planInstancesMax: 1_000,
  planTypeChangesMax: 20,
  publishAttemptsMax: 8,
  publishBackoffMs: 20,
  sourceRetryMaxMs: 5_000,
  historyTrimsPerPublish: 16,
  changeSetsMax: 10_000,
  /** Trees of a source that are remembered, to know a stale folder by. */
  sourceTreesMax: 64,
  /** Revisions of a name that are looked at, to know a stale folder by. */
  staleRevisionsMax: 32,
  /** A member that speaks for a source and dies is replaced after about so long. */
  seatTtlSeconds: 3,
  seatCheckMs: 500,
  /** A member with a stale folder lets others go first for so long. */
  seatPassMs: 10_000,
  /** Parked change sets. */
  pendingMax: 100,
  pendingAgeMs: 7 * 24 * 3600 * 1000,
  pendingSweepMs: 60 * 1000,
  /** Share of the live processes that a watched folder may change by itself; without --max-affected, from so many on. */
  watchAffectedShare: 0.25,
  watchAffectedMin: 10,
  // timeline
  eventsMax: 10_000,
  eventAgeMs: 30 * 24 * 3600 * 1000,
  eventNamesMax: 20,
  eventTextChars: 500,
  eventTrimsPerWrite: 64,
  eventBatchMs: 200,
  eventCursorMs: 60 * 1000,
  eventsPerPage: 500,
  rejectionsPerSecond: 5,
  blobCollectIntervalMs: 10 * 60 * 1000,
  // client port
  connectionsMax: 60_000,
  /** Connections that came together and were not accepted yet; beyond them TCP has one wait a second, or three. */
  acceptBacklog: 4_096,
  streamsPerConnectionMax: 4_096,
  keepalivePingIntervalMs: 30_000,
  drainMs: 5_000,
  drainReconnectMs: 1_000,
  lingerMs: 5_000,
  halfClosedLingerMs: 200,
  appliesInFlightMax: 4,
  applyWaitDefaultMs: 30_000,
  applyWaitMaxMs: 3_600_000,
  spreadMsMax: 3_600_000,
  /** Who is missing at the end of a wait. */
  followMissingMax: 1_000,
  // connections of sessions
  h2OpeningBytesMax: 128 * 1024,
  h2OpeningTimeoutMs: 10_000,
  h2UndecidedMs: 2_000,
  h2HeaderBlockBytesMax: 16 * 1024,
  h2HeaderListBytesMax: 16 * 1024,
  h2ContinuationsMax: 8,
  h2ControlFramesPerSecondMax: 1_000,
  h2UnreadRepliesMax: 256,
  h2SettingsAckMs: 10_000,
  // http
  httpConnectionsMax: 20_000,
  /** Connections beyond them that are still told so. */
  httpRefusalsMax: 1_000,
  /** Who takes nothing of its answer for so long is cut off. */
  httpStallMs: 30_000,
  httpHeadersTimeoutMs: 10_000,
  /** Long polls that wait at one time, and how long one may ask to wait. */
  httpWaitersMax: 10_000,
  httpWaitMaxMs: 300_000,
  /** A value is handed out only while a quorum confirms it so soon. */
  httpReadTimeoutMs: 5_000,
  httpBodyBytesMax: 256 * 1024,
  /** Who reads by HTTP and names itself stands in the ledger: so many, away after this silence, forgotten after that. */
  httpReadersMax: 20_000,
  httpReaderSilentMs: 60_000,
  httpReaderForgottenMs: 600_000,
  // programs without the SDK
  childKillAfterMs: 10_000,
  childSettleMs: 500,
  childLastWordMs: 500,
  // imports
  importPlainMax: 200_000,
  importPageBytes: 4 * 1024 * 1024,
  importAnswerBytesMax: 256 * 1024 * 1024,
  importFileBytesMax: 256 * 1024 * 1024,
  importRequestsAtOnce: 64,
  importTimeoutMs: 15_000,
  importReconnectsMax: 10,
  importCompileMs: 300_000,
} as const
