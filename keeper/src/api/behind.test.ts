import type { FollowView__Output } from '@keeper/proto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../base/clock.js'
import { silentLogger } from '../base/logger.js'
import type { LedgerEntry } from '../push/types.js'
import { followChange } from './follow.js'
import { type ApiHouse, openApi } from './testing/api-house.js'
import type { ApiContext } from './types.js'

let house: ApiHouse
beforeEach(async () => {
  house = await openApi()
})
afterEach(() => house.close())

test.each<Partial<LedgerEntry>>([
  { state: 'applied', current: true },
  { state: 'rejected', current: false },
])('the word of a member that has not applied the change set yet is no answer to it: %j', async (said) => {
  await house.publish({ 'push/room.yaml': 'max: 1\n' })
  const process = house.attach()
  process.hello('room-1', ['push/room'])
  await process.next()
  // As its member saw it before the change set.
  const [row] = house.hub.ledger({ name: 'push/room' })
  const revision = await house.publish({ 'push/room.yaml': 'max: 2\n' })
  const before = { ...row, ...said, hash: row?.wantedHash }
  const everywhere = { ledger: async () => ({ rows: [before], unreachable: [] }), watch: () => {} }
  const hub = { everywhere, readers: house.hub.readers, nameOf: () => 'n2' }
  const context = { member: house.member, hub, clock: systemClock, logger: silentLogger } as unknown as ApiContext
  const views: FollowView__Output[] = []
  const sink = { send: (view: unknown) => views.push(view as FollowView__Output) > 0, writable: async () => {} }
  const request = { namespace: '', names: ['push/room'], revision: String(revision), share: 1, count: 0 }
  const rest = { selector: {}, timeoutMs: 50 }
  await followChange(context, { ...request, ...rest }, sink, { signal: new AbortController().signal })
  expect(views.at(-1)).toMatchObject({ processes: 1, applied: 0, rejected: 0, pending: 1, enough: false })
  process.cancel()
})
