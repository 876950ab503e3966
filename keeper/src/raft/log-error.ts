export type RaftLogFault = 'compacted' | 'unavailable' | 'snapshotOutOfDate' | 'snapshotTemporarilyUnavailable'

const meanings: Record<RaftLogFault, string> = {
  compacted: 'the requested index is compacted away',
  unavailable: 'the requested index is beyond the end of the log',
  snapshotOutOfDate: 'the snapshot is older than the one there is',
  snapshotTemporarilyUnavailable: 'a snapshot is being made',
}

/** What a RaftStorage throws; the core handles each kind, it never reaches a user. */
export class RaftLogError extends Error {
  override readonly name = 'RaftLogError'
  readonly fault: RaftLogFault

  constructor(fault: RaftLogFault) {
    super(meanings[fault])
    this.fault = fault
  }
}

/** Is `thrown` a RaftLogError of this kind? */
export const isLogFault = (thrown: unknown, fault: RaftLogFault): boolean =>
  thrown instanceof RaftLogError && thrown.fault === fault
