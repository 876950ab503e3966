import { KeeperError } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import type { Member } from '../node/types.js'
import type { MemberSettings } from '../store/member-settings.js'
import { readMembers } from './member-book.js'
import {
  type Announced,
  announced,
  commonest,
  type Disagreement,
  disagreements,
  isCommon,
  labelFlags,
  labelText,
  lacking,
} from './settings.js'
import { readNamespaces, readRecords } from './view.js'

export interface AgreementOptions {
  readonly member: Member
  readonly logger: Logger
  /** This member's name, and how it was started. */
  readonly name: string
  readonly settings: MemberSettings
}

/**
 * Whether the keepers of this cluster were started alike. Each says in its record how it was started; what must be the
 * same and is not stands in `keeper status`, and what would do harm for it is refused.
 */
export class Agreement {
  readonly #options: AgreementOptions
  #told: readonly string[] = []

  constructor(options: AgreementOptions) {
    this.#options = options
  }

  get settings(): MemberSettings {
    return this.#options.settings
  }

  disagreements(): Disagreement[] {
    return disagreements(this.#members())
  }

  /** Throws E_SECRET_KEY when a member could not open what this one seals: its processes would go without. */
  requireOpenable(): void {
    const [key] = this.settings.sealingKeys
    const without = key === undefined ? [] : lacking(this.#members(), key)
    if (key === undefined || without.length === 0) return
    const [names, one] = [without.join(', '), without[0]]
    const what = `${names} could not open what this keeper seals with key ${key}, as ${names} said when last started`
    const remedy = `start ${names} with a key file that has this key, or, should it not come back, \`keeper member remove ${one}\``
    const text = `${what}: ${remedy}`
    throw new KeeperError('E_SECRET_KEY', text, { key, members: without })
  }

  /** Why nothing is compiled and published here: it would be for other labels than the other members have. */
  notCommon(): KeeperError | undefined {
    const { labels } = this.settings
    const members = this.#members()
    if (isCommon(labels, members)) return undefined
    const others = members.filter(({ settings }) => labelText(settings.labels) !== labelText(labels))
    const text = others.map(({ name, settings }) => `${name} with ${labelText(settings.labels)}`).join(', ')
    const why = `this keeper was started with labels ${labelText(labels)} and publishes nothing while as many have others: ${text}`
    const [common] = commonest(others)
    const remedy =
      common &&
      `start this one with ${labelFlags(common.settings.labels)}, as ${common.name}, or ${common.name} with ${labelFlags(labels)}`
    return new KeeperError('E_SETTINGS_DIFFER', `${why}; ${remedy}`)
  }

  /** Why processes should rather go to another member: it has a key that this one lacks, and secrets need it. */
  notReady(): KeeperError | undefined {
    const others = new Map(
      this.#members().flatMap(({ name, settings }) => settings.sealingKeys.map((key) => [key, name])),
    )
    for (const key of this.settings.sealingKeys) others.delete(key)
    if (others.size === 0) return undefined
    const { store } = this.#options.member
    const closed = readNamespaces(store).flatMap((namespace) =>
      readRecords(store, namespace, 'secret').filter(({ record }) => others.has(record.sealed.key)),
    )
    const [first] = closed
    if (!first) return undefined
    const { key } = first.record.sealed
    const text = `${closed.length} secrets do not open here: key ${key} is at ${others.get(key)}`
    return new KeeperError('E_SECRET_KEY', text, { key })
  }

  /** Says in the log what is new, and when all is well again. */
  tell(): void {
    const { logger } = this.#options
    const found = this.disagreements()
    for (const { code, text } of found) {
      const { kind } = new KeeperError(code, text)
      if (!this.#told.includes(text))
        logger.warn({ code, fix: kind.fix }, `the keepers were not started alike: ${text}`)
    }
    if (found.length === 0 && this.#told.length > 0) logger.info({}, 'the keepers are started alike now')
    this.#told = found.map(({ text }) => text)
  }

  /** Its own word counts from the start, before it stands in its record. */
  #members(): Announced[] {
    const { member, name, settings } = this.#options
    const others = announced(readMembers(member.store)).filter((one) => one.name !== name)
    return [...others, { name, settings }].sort((a, b) => (a.name < b.name ? -1 : 1))
  }
}
