import type { KeeperError } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import type { Diagnostic } from '../compile/types.js'
import type { HeldName, SourceOutcome, SourceState } from './types.js'

export interface SourceReportOptions {
  readonly source: string
  readonly logger: Logger
  readonly onOutcome?: (outcome: SourceOutcome) => void
}

/** How a watched directory is: for `status`, for the log (each thing once), and for whoever listens. */
export class SourceReport {
  readonly #options: SourceReportOptions
  #error: KeeperError | undefined
  #waitsFor = ''
  #held: readonly HeldName[] = []
  #diagnostics: readonly Diagnostic[] = []
  #lastPublishedRevision = 0
  #lastRefusal = ''
  #told = ''

  constructor(options: SourceReportOptions) {
    this.#options = options
  }

  state(): Omit<SourceState, 'source' | 'directory' | 'namespace'> {
    return {
      lastError: this.#error?.message ?? '',
      lastErrorCode: this.#error?.code ?? '',
      waitsFor: this.#waitsFor,
      held: this.#held.map(({ name }) => name),
      diagnostics: this.#diagnostics,
      lastPublishedRevision: this.#lastPublishedRevision,
    }
  }

  /** The directory is there again. */
  back(): void {
    this.#error = undefined
  }

  /** It is tried again by itself. */
  waits(error: KeeperError): void {
    this.#error = error
    const { logger, source } = this.#options
    logger.warn({ source, code: error.code }, `publishing waits: ${error.message}`)
  }

  /** Was it refused for something else before? */
  isNews({ code, message }: KeeperError): boolean {
    const word = `${code} ${message}`
    if (word === this.#lastRefusal) return false
    this.#lastRefusal = word
    return true
  }

  note(outcome: SourceOutcome): void {
    this.#diagnostics = outcome.diagnostics
    this.#error = outcome.kind === 'refused' ? outcome.error : undefined
    this.#waitsFor = outcome.kind === 'standby' ? outcome.reason : ''
    this.#held = heldOf(outcome)
    if (outcome.kind === 'published') this.#lastPublishedRevision = outcome.result.revision
    if (outcome.kind !== 'refused') this.#lastRefusal = ''
    this.#log(outcome)
    this.#options.onOutcome?.(outcome)
  }

  #log(outcome: SourceOutcome): void {
    const { logger, source } = this.#options
    const fields = { source, diagnostics: outcome.diagnostics.slice(0, 20) }
    const held = this.#held.map(({ name }) => name)
    if (outcome.kind === 'refused')
      this.#warnOnce({ ...fields, code: outcome.error.code }, `refused: ${outcome.error.message}`)
    else if (outcome.kind === 'standby') this.#infoOnce(fields, `stands by: ${outcome.reason}`)
    else if (outcome.kind === 'published') {
      const { revision, deltas, changeSet } = outcome.result
      this.#told = ''
      logger.info({ ...fields, revision, changeSet, configs: deltas.map(({ name }) => name) }, `published r${revision}`)
    }
    if (held.length > 0)
      this.#warnOnce({ ...fields, code: 'E_HELD', held }, `left as they are, for they are held: ${held.join(', ')}`)
  }

  #warnOnce(fields: object, message: string): void {
    if (message !== this.#told) this.#options.logger.warn(fields, message)
    this.#told = message
  }

  #infoOnce(fields: object, message: string): void {
    if (message !== this.#told) this.#options.logger.info(fields, message)
    this.#told = message
  }
}

function heldOf(outcome: SourceOutcome): readonly HeldName[] {
  if (outcome.kind === 'published') return outcome.result.held ?? []
  return outcome.kind === 'unchanged' ? outcome.held : []
}
