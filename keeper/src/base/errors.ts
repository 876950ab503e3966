/**
 * The one registry of coded errors. Everything that can go wrong for a user has a code here, what it
 * means, and what to do; the tables to gRPC status and to exit codes stand beside it so that they cannot
 * drift. Nothing in the project matches on a message.
 */

/** gRPC status numbers, as in google.rpc.Code. */
export const GrpcStatus = {
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const

/** Exit codes of the command line, as in DESIGN section 6. */
export const ExitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  invalidConfig: 3,
  conflict: 4,
  rejected: 5,
  timedOut: 6,
} as const

interface ErrorKind {
  readonly grpc: number
  readonly exit: number
  /** May the very same request succeed later without a change by its sender? */
  readonly retry: boolean
  /** What to do about it, in one sentence, for the person who sees it. */
  readonly fix: string
}

const kind = (grpc: keyof typeof GrpcStatus, exit: keyof typeof ExitCode, retry: boolean, fix: string): ErrorKind => ({
  grpc: GrpcStatus[grpc],
  exit: ExitCode[exit],
  retry,
  fix,
})

export const errorKinds = {
  // requests
  E_INVALID_ARGUMENT: kind('invalidArgument', 'usage', false, 'Correct the argument named in the message.'),
  E_NOT_FOUND: kind(
    'notFound',
    'failed',
    false,
    'Check the name: `keeper status` lists configs, `keeper instances` processes, `keeper history --changesets` and `keeper pending` change sets.',
  ),
  E_CONFLICT: kind('aborted', 'conflict', true, 'Someone else changed it meanwhile: read it again and repeat.'),
  E_HELD: kind(
    'failedPrecondition',
    'conflict',
    false,
    'A rollback, undo or edit holds the name: `keeper release NAME`, or `keeper apply --release NAME`, lets its source change it again.',
  ),
  E_MOVED: kind(
    'failedPrecondition',
    'conflict',
    false,
    'Live has moved since you looked at it: plan, edit or undo again, on what is live now.',
  ),
  E_FILE_CHANGED: kind(
    'aborted',
    'conflict',
    true,
    'A large file was written, or went, while it was read: a watched folder is read again by itself. Save files by renaming a finished one.',
  ),
  E_EDITOR: kind(
    'failedPrecondition',
    'failed',
    false,
    'Set $VISUAL or $EDITOR to an editor that ends when the text is closed, e.g. EDITOR="code --wait".',
  ),
  E_TYPE_CHANGED: kind(
    'failedPrecondition',
    'conflict',
    false,
    'A value would get another type and no schema says which is right: say --accept-types, or write a schema (`keeper schema init`).',
  ),
  E_NOT_OWNER: kind(
    'failedPrecondition',
    'conflict',
    false,
    'Another source has the prefix: publish from there, or take it over with `keeper apply --takeover`.',
  ),
  E_TAKEN_OVER: kind(
    'aborted',
    'conflict',
    false,
    'Somebody else took it over at the same time: look who (`keeper status`), and agree before you take it over again.',
  ),
  E_STALE_SOURCE: kind(
    'failedPrecondition',
    'conflict',
    false,
    'The folder is older than what its source last published: bring it up to date, or insist with `keeper apply --takeover`.',
  ),
  E_PARKED: kind(
    'failedPrecondition',
    'conflict',
    false,
    'A guard parked the change set: `keeper pending ID` shows it, `keeper approve ID` lets it through, `keeper reject ID` drops it.',
  ),
  E_PENDING_STALE: kind(
    'failedPrecondition',
    'conflict',
    false,
    'What was parked does not fit what is live any more: apply the folder again and look at it anew.',
  ),
  E_DECLINED: kind(
    'failedPrecondition',
    'conflict',
    false,
    'Somebody rejected this very change set: change the files, or apply them by hand.',
  ),
  E_PERMISSION: kind('permissionDenied', 'failed', false, 'Ask for the permission named in the message.'),
  E_UNAUTHENTICATED: kind('unauthenticated', 'failed', false, 'Send the secret that the keeper gave with the session.'),
  E_NOT_IN_AUDIENCE: kind(
    'permissionDenied',
    'failed',
    false,
    'The config is not meant for this process: check its cluster, role and labels.',
  ),
  E_INVALID_CONFIG: kind(
    'invalidArgument',
    'invalidConfig',
    false,
    'Correct the files as the diagnostics say; nothing was changed.',
  ),
  E_STALE: kind(
    'failedPrecondition',
    'failed',
    false,
    'Run the command again without --check, and commit the file that it writes.',
  ),
  E_COMPILE_TIMEOUT: kind(
    'deadlineExceeded',
    'invalidConfig',
    false,
    'A schema or file takes too long to compile: look for a catastrophic pattern.',
  ),
  E_REJECTED: kind(
    'failedPrecondition',
    'rejected',
    false,
    'A process refused the value: `keeper ledger NAME` says why.',
  ),
  E_TIMEOUT: kind(
    'deadlineExceeded',
    'timedOut',
    true,
    'It took longer than allowed; it may still happen. Look before you repeat.',
  ),
  E_TOO_LARGE: kind('resourceExhausted', 'usage', false, 'Make it smaller than the limit named in the message.'),
  E_TOO_MANY: kind('resourceExhausted', 'failed', true, 'Too many at once: wait and repeat.'),
  E_STORE_EPOCH: kind(
    'failedPrecondition',
    'failed',
    false,
    'The cluster was restored from a snapshot since: read everything again, then watch from there.',
  ),
  E_COMPACTED: kind('outOfRange', 'failed', false, 'The revision was compacted: start from the newest.'),
  E_FUTURE_REVISION: kind('outOfRange', 'failed', false, 'The revision does not exist yet: check the number.'),
  E_LEASE_NOT_FOUND: kind('notFound', 'failed', false, 'The lease expired or never was: grant a new one.'),
  E_LEASE_EXISTS: kind('alreadyExists', 'failed', false, 'Choose another lease id, or let the keeper choose.'),
  E_DUPLICATE_KEY: kind('invalidArgument', 'usage', false, 'A transaction may write a key once.'),
  E_NO_SPACE: kind(
    'resourceExhausted',
    'failed',
    true,
    'The byte quota or the disk is full: compact, delete, make room on the disk, or raise the quota.',
  ),
  E_REQUEST_FORGOTTEN: kind(
    'failedPrecondition',
    'failed',
    false,
    'The request is older than its session remembers and was not executed again: read what is there, then send a new one.',
  ),
  E_UNSUPPORTED: kind('unimplemented', 'failed', false, 'This keeper does not know the request: upgrade it.'),
  // secrets
  E_SECRET_KEY: kind(
    'failedPrecondition',
    'failed',
    false,
    'Start every keeper with the same --secret-key-file FILE (mode 600), or KEEPER_SECRET_KEY; `keeper secret keygen FILE` makes one.',
  ),
  E_SETTINGS_DIFFER: kind(
    'failedPrecondition',
    'conflict',
    false,
    'Start every keeper with the same options: `keeper status` says who has which. Until then publish through one that has what most have.',
  ),
  E_SECRET_UNKNOWN: kind(
    'failedPrecondition',
    'failed',
    true,
    'Check its name, or put it first: `keeper secret put NAME`; `keeper secret list` shows those there are.',
  ),
  E_SECRET_IN_USE: kind(
    'failedPrecondition',
    'conflict',
    false,
    'Take ${secret:NAME} out of the configs named in the message first, then remove the secret.',
  ),
  // wire
  E_FRAME_GARBAGE: kind(
    'invalidArgument',
    'failed',
    false,
    'The bytes are no frame of this protocol: check client and version.',
  ),
  E_FRAME_ORDER: kind('failedPrecondition', 'failed', false, 'Send hello first, and once.'),
  E_SESSION_UNKNOWN: kind('notFound', 'failed', false, 'The session ended: say hello without it and get a new one.'),
  E_FENCED: kind('aborted', 'failed', false, 'A newer stream of the same session took over: close this one.'),
  E_BAD_NAME: kind(
    'invalidArgument',
    'usage',
    false,
    'Names are path segments of printable characters without control characters; clusters and roles have no slash.',
  ),
  // cluster
  E_UNAVAILABLE: kind(
    'unavailable',
    'failed',
    true,
    'The keeper is starting, stopping or has no leader: repeat in a moment. Should it stay so, start the keepers that do not run: most of them must.',
  ),
  E_NOT_LEADER: kind('unavailable', 'failed', true, 'Another member leads: it is named in the message.'),
  E_PROPOSAL_DROPPED: kind('unavailable', 'failed', true, 'Leadership changed before the entry was accepted: repeat.'),
  E_UNCERTAIN: kind('unavailable', 'failed', true, 'The outcome is not known: repeat with the same request id.'),
  E_STOPPED: kind('unavailable', 'failed', true, 'This keeper stops: use another endpoint.'),
  E_MEMBER_UNKNOWN: kind(
    'failedPrecondition',
    'failed',
    false,
    'The member is none of this cluster: add it first with `keeper member add NAME=HOST:PORT`, or check --join and --initial-cluster.',
  ),
  E_MEMBER_DUPLICATE: kind(
    'failedPrecondition',
    'failed',
    false,
    'Two processes speak as the same member: give one of them another --name, or stop it.',
  ),
  E_CLUSTER_FOREIGN: kind(
    'failedPrecondition',
    'failed',
    false,
    'The other keeper belongs to another cluster: check the peer addresses and --data-dir.',
  ),
  E_MEMBER_REMOVED: kind(
    'failedPrecondition',
    'failed',
    false,
    'This keeper was removed: its data folder is of no use any more. To come back, add it again and start it with an empty folder and --join.',
  ),
  E_MEMBER_EXISTS: kind(
    'alreadyExists',
    'conflict',
    false,
    'Choose another name or address, or remove the member that has it: `keeper member list` shows them.',
  ),
  E_MEMBER_LAGS: kind(
    'failedPrecondition',
    'failed',
    true,
    'The learner has not caught up: wait, `keeper member list` says how far it is.',
  ),
  E_QUORUM_AT_RISK: kind(
    'failedPrecondition',
    'failed',
    true,
    'The change could leave the cluster without a quorum: bring the members back that are away, or remove them first.',
  ),
  // disk
  E_DISK: kind(
    'internal',
    'failed',
    false,
    'The disk failed; the member stopped before it acknowledged more. Check the disk, then start it again.',
  ),
  E_CORRUPT: kind(
    'dataLoss',
    'failed',
    false,
    'The data folder is damaged: recover this member from the others, or restore a snapshot.',
  ),
  E_LOST_TAIL: kind(
    'dataLoss',
    'failed',
    false,
    'The end of the log is missing: this member must recover from a quorum; with one voter put back what is missing, or restore a copy of the folder.',
  ),
  E_DATA_VERSION: kind(
    'failedPrecondition',
    'failed',
    false,
    'The data folder was written by a newer keeper: run that version.',
  ),
  E_DATA_FOREIGN: kind(
    'failedPrecondition',
    'failed',
    false,
    'The data folder belongs to another member or cluster: check --name and --data-dir.',
  ),
  E_DATA_EXISTS: kind(
    'failedPrecondition',
    'failed',
    false,
    'Something is there already and is not overwritten: choose a new name, or move it away.',
  ),
  E_BAD_SNAPSHOT: kind(
    'dataLoss',
    'failed',
    false,
    'The snapshot file is damaged or none: fetch it again, or take an older one.',
  ),
  E_DATA_LOCKED: kind('failedPrecondition', 'failed', false, 'Another process uses the data folder: stop it first.'),
  E_HALTED: kind('internal', 'failed', false, 'The member met a command it cannot apply and stopped: upgrade it.'),
  // listen
  E_INSECURE_LISTEN: kind(
    'failedPrecondition',
    'usage',
    false,
    'A listen address that is not loopback needs TLS, or --insecure.',
  ),
  E_ADDRESS_IN_USE: kind(
    'failedPrecondition',
    'failed',
    false,
    'The port is taken: stop the other process or choose another port.',
  ),
  E_TLS: kind(
    'unauthenticated',
    'failed',
    false,
    'Both sides speak TLS or neither, each with a certificate that the other one’s CA file knows: check --cacert, --cert, --key here and the certificate and CA files over there.',
  ),
  // programs without the SDK
  E_RENDER_TARGET: kind(
    'failedPrecondition',
    'failed',
    false,
    'Make the folder of the --render file, let this user write to it, or render elsewhere.',
  ),
  E_CHILD: kind('failedPrecondition', 'failed', false, 'Check the command after `--`: its path and its permissions.'),
  E_CONNECTION: kind(
    'unavailable',
    'failed',
    true,
    'Nobody answers there: check the address (of keepers: --endpoints) and that it runs.',
  ),
  E_INTERNAL: kind('internal', 'failed', false, 'A defect in the keeper: please report it with the log.'),
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof errorKinds

/** An error with a code of the registry; `details` are for machines, the message for people. */
export class KeeperError extends Error {
  override readonly name = 'KeeperError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.details = details
  }

  get kind(): ErrorKind {
    return errorKinds[this.code]
  }
}

/** Any thrown thing as a KeeperError: itself, or wrapped as E_INTERNAL with the cause kept. */
export function asKeeperError(thrown: unknown): KeeperError {
  if (thrown instanceof KeeperError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new KeeperError('E_INTERNAL', message, {}, { cause: thrown })
}

/** Is `code` one of the registry? For codes that come over the wire. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorKinds, code)
}
