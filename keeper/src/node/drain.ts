import { type Clock, delay } from '../base/clock.js'
import type { RawNode } from '../raft/raw-node.js'
import type { Settings } from './options.js'
import type { Standing } from './standing.js'
import type { Traffic } from './traffic.js'

export interface DrainParts {
  readonly raw: RawNode
  readonly traffic: Traffic
  readonly standing: Standing
  readonly clock: Clock
  readonly settings: Settings
  readonly failed: () => boolean
  readonly wake: () => void
}

/** What is under way gets an election timeout to finish; then leadership goes to whoever is most up to date. */
export async function drain(parts: DrainParts): Promise<void> {
  const { raw, traffic, standing, wake } = parts
  await until(parts, () => traffic.underWay === 0)
  const heir = standing.heir()
  if (heir === undefined) return
  raw.transferLeader(heir)
  wake()
  await until(parts, () => raw.status().role !== 'leader')
}

async function until({ clock, settings, failed }: DrainParts, done: () => boolean): Promise<void> {
  for (let tick = 0; tick < settings.electionTimeoutTicks && !done() && !failed(); tick++)
    await delay(clock, settings.tickMs)
}
