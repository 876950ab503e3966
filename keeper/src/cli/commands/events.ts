import type { EventBatch__Output, EventView__Output } from '@keeper/proto'
import { Command } from 'commander'
import { KeeperError } from '../../base/errors.js'
import { oneLine } from '../../base/one-line.js'
import { type TimelineKind, timelineKinds } from '../../store/records.js'
import { type Context, withContext } from '../context.js'
import { type Output, paint } from '../output.js'
import { plain } from '../plain.js'

interface Options {
  follow?: boolean
  last: string
  after?: string
  kind?: string
}

/** Between two tries to find a keeper that goes on. */
const RETRY_MS = 200

/** `keeper events`: everything that happened, as one timeline. */
export function eventsCommand(): Command {
  return new Command('events')
    .description('what happened, as one timeline: publishes, refusals, holds, approvals, processes, keepers')
    .option('-f, --follow', 'go on until Ctrl-C, also when keepers come and go')
    .option('--last <n>', 'begin with the last so many; all: everything that is kept', '50')
    .option('--after <revision>', 'only what came after this revision')
    .option('--kind <kinds>', `only of these kinds, and the last of these: ${timelineKinds.join(', ')}`)
    .addHelpText(
      'after',
      '\nExamples:\n  keeper events\n  keeper events --follow\n  keeper events --last all --kind published,held,released --output json\n  keeper events --follow --last 0          what happens from now on',
    )
    .action(
      withContext<Options, []>(async (context, _args, options) => {
        const kinds = parseKinds(options.kind)
        const whole = options.after !== undefined || options.last === 'all'
        const limit = whole ? Number.POSITIVE_INFINITY : count('--last', options.last)
        const view = new View(limit, kinds, shower(context.output))
        let after = options.after === undefined ? 0 : count('--after', options.after)
        // Which of the last are of the kinds asked for is known when all were seen.
        const last = whole || kinds ? 0 : Math.max(1, limit)
        for (;;) {
          try {
            after = await read(context, { after, last: after === 0 ? last : 0, follow: options.follow ?? false }, view)
            if (!options.follow || context.signal.aborted) return 0
          } catch (thrown) {
            if (!options.follow || !(thrown instanceof Broken) || context.signal.aborted) throw causeOf(thrown)
            after = thrown.after
          }
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
        }
      }),
    )
}

/** A stream that ended, and after which revision to go on. */
class Broken extends Error {
  readonly after: number

  constructor(after: number, cause: KeeperError) {
    super(cause.message, { cause })
    this.after = after
  }
}

const causeOf = (thrown: unknown): unknown => (thrown instanceof Broken ? thrown.cause : thrown)

/** Shows all that comes; returns the revision of the last. Rejects Broken when another keeper may go on. */
async function read(
  { client, namespace, signal }: Context,
  request: { after: number; last: number; follow: boolean },
  view: View,
): Promise<number> {
  let { after } = request
  try {
    const stream = await client.watch<EventBatch__Output>('control', 'Events', { namespace, ...request })
    signal.addEventListener('abort', () => stream.cancel())
    for await (const { events, revision, caughtUp } of stream) {
      for (const event of events) view.take(event)
      if (caughtUp) view.caughtUp()
      after = Number(revision)
    }
    return after
  } catch (thrown) {
    if (thrown instanceof KeeperError && thrown.kind.retry) throw new Broken(after, thrown)
    throw thrown
  }
}

function count(option: string, text: string): number {
  if (/^r?\d{1,15}$/.test(text)) return Number(text.replace('r', ''))
  throw new KeeperError('E_INVALID_ARGUMENT', `${option}: expected a whole number from 0 on, got "${text}"`)
}

const red = new Set(['refused', 'process-rejected', 'process-failed', 'gap'])
const yellow = new Set(['held', 'parked', 'takeover', 'rejected', 'expired', 'left'])

/** Of what there is already the last so many that are asked for, and then all of them. */
class View {
  readonly #limit: number
  readonly #kinds: readonly string[] | undefined
  readonly #show: (event: EventView__Output) => void
  /** Undefined once all was seen that there had been. */
  #kept: EventView__Output[] | undefined

  constructor(limit: number, kinds: readonly string[] | undefined, show: (event: EventView__Output) => void) {
    this.#limit = limit
    this.#kinds = kinds
    this.#show = show
    if (limit !== Number.POSITIVE_INFINITY) this.#kept = []
  }

  take(event: EventView__Output): void {
    if (this.#kinds && !this.#kinds.includes(event.kind)) return
    if (this.#kept) this.#kept.push(event)
    else this.#show(event)
    if (this.#kept && this.#kept.length > this.#limit) this.#kept.shift()
  }

  caughtUp(): void {
    const kept = this.#kept ?? []
    this.#kept = undefined
    for (const event of kept) this.#show(event)
  }
}

/** Throws E_INVALID_ARGUMENT for a kind that there is not: nothing would ever be shown of it. */
function parseKinds(text: string | undefined): string[] | undefined {
  const kinds = text?.split(',').map((kind) => kind.trim())
  const unknown = kinds?.find((kind) => !timelineKinds.includes(kind as TimelineKind))
  if (unknown === undefined) return kinds
  const message = `--kind: there is no kind "${unknown}"; there are ${timelineKinds.join(', ')}`
  throw new KeeperError('E_INVALID_ARGUMENT', message)
}

function shower(output: Output): (event: EventView__Output) => void {
  return (event) => {
    if (output.json) return output.value(plain(event))
    const colour = red.has(event.kind) ? 'red' : yellow.has(event.kind) ? 'yellow' : 'bold'
    const time = new Date(Number(event.wallMs)).toISOString()
    const reason = event.reason === '' || event.text.includes(event.reason) ? '' : ` · ${oneLine(event.reason)}`
    output.line(
      `${time}  r${event.revision}  ${paint(output, colour, event.kind.padEnd(10))} ${oneLine(event.text)}${reason}`,
    )
  }
}
