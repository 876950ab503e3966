/** 64-bit counters and times of the wire, which no keeper lets grow past 2^53: numbers for whoever reads the JSON. Ids stay text. */
const counters = new Set([
  'appliedIndex',
  'atUnixMs',
  'bytesInUse',
  'commitIndex',
  'flushedIndex',
  'dueUnixMs',
  'fromRevision',
  'lastPublishedRevision',
  'logBytes',
  'revision',
  'startedUnixMs',
  'storeEpoch',
  'systemRevision',
  'term',
  'toRevision',
  'userRevision',
  'version',
  'wallMs',
  'wantedRevision',
])

/** A message of the wire as `--output json` shows it: counters as numbers, states in plain words. */
export function plain(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => plain(each, key))
  if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value))
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each, name)]))
  if (typeof value !== 'string') return value
  if (counters.has(key)) return Number(value)
  return key === 'state' ? stateWord(value) : value
}

/** `applied` of `ACK_STATE_APPLIED`; `unknown` of what was never said. */
export const stateWord = (state: string): string =>
  state.replace('ACK_STATE_', '').toLowerCase().replace('unspecified', 'unknown')
