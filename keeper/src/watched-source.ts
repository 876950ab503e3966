import { resolve } from 'node:path'
import type { Clock } from './base/clock.js'
import type { Listeners } from './base/listeners.js'
import type { Logger } from './base/logger.js'
import type { Random } from './base/random.js'
import { author, placeOf } from './cli/arguments.js'
import { watchTree } from './compile/watcher.js'
import { gitCommitOf } from './compile/watcher-commit.js'
import type { CompileWorker } from './compile/worker.js'
import { DirectorySource } from './control/directory-source.js'
import type { Publisher } from './control/publisher.js'
import { watchRecords } from './control/record-watch.js'
import { Seat } from './control/seat.js'
import type { SourceOutcome } from './control/types.js'
import type { Member } from './node/types.js'
import { DEFAULT_NAMESPACE } from './store/records.js'

export interface SourceOptions {
  /** This member's name. */
  readonly name: string
  readonly configSource?: string
  readonly configTakeover?: boolean
  readonly maxAffected?: number
}

interface SourceParts {
  readonly publisher: Publisher
  readonly compiler: CompileWorker
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly outcomes: Listeners<[outcome: SourceOutcome]>
  readonly member: Member
}

/** The directory that this keeper watches, as a source. */
export function watchedSource(directory: string, options: SourceOptions, parts: SourceParts): DirectorySource {
  const { publisher, compiler, clock, random, outcomes, member } = parts
  const logger = parts.logger.child({ room: 'control' })
  const namespace = DEFAULT_NAMESPACE
  const source = options.configSource ?? `dir:${resolve(directory)}`
  const seat = {
    member,
    clock,
    random,
    logger,
    namespace,
    source,
    memberName: options.name,
    directory: resolve(directory),
  }
  return new DirectorySource({
    ...{
      directory,
      source,
      namespace,
      author: author(),
      place: placeOf(directory),
      takeover: options.configTakeover ?? false,
    },
    ...(options.maxAffected !== undefined && { affected: { share: options.maxAffected, atLeast: 1 } }),
    ...{ publisher, compiler, clock, logger },
    watch: watchTree,
    commitOf: gitCommitOf,
    records: (listener) => watchRecords(member, namespace, ['hold', 'pending', 'source', 'member'], listener),
    seat: (onChange) => new Seat({ ...seat, onChange }),
    onOutcome: (outcome) => outcomes.call(outcome),
  })
}
