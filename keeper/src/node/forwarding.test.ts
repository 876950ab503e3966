import { describe, expect, test } from 'vitest'
import { encodeBatch, openBatch } from '../store/command-codec.js'
import type { Command } from '../store/types.js'
import type { EntryPlace, PeerMessage } from '../transport/types.js'
import { Forwarding } from './forwarding.js'
import { type Bundle, groupOf } from './proposal-queue.js'

const command: Command = { principal: 'test', body: { kind: 'compact', keyspace: 'user', revision: 1 } }

interface Told {
  place?: EntryPlace
  code?: string
}

function bundleOf(commands: number): { bundle: Bundle; told: Told } {
  const told: Told = {}
  const bundle: Bundle = {
    commands: openBatch(encodeBatch({ wallMs: 0, seed: 0n, commands: Array(commands).fill(command) })),
    foreign: false,
    placed: (place) => {
      told.place = place
    },
    refuse: ({ code }) => {
      told.code = code
    },
  }
  return { bundle, told }
}

/** A follower and a leader of term 5; messages pass by hand. */
function makePair() {
  const sent: PeerMessage[] = []
  const send = (_to: number, messages: readonly PeerMessage[]) => void sent.push(...messages)
  const follower = new Forwarding({ send, incarnation: 'f', patienceTicks: 3 })
  const leader = new Forwarding({ send, incarnation: 'l', patienceTicks: 3 })
  const forward = (...bundles: Bundle[]) => {
    follower.forward(groupOf(bundles), 1, 5)
    return sent.pop() as Extract<PeerMessage, { kind: 'propose' }>
  }
  return { sent, follower, leader, forward }
}

describe('forwarded proposals', () => {
  test('learn where they stand, each behind the ones before it', () => {
    const { sent, follower, leader, forward } = makePair()
    const [one, two] = [bundleOf(2), bundleOf(1)]
    const taken = leader.accept(2, forward(one.bundle, two.bundle), 5)
    expect(taken?.commands.count).toBe(3)
    taken?.placed({ index: 9, term: 5, offset: 4 })
    follower.proposed(sent.pop() as Extract<PeerMessage, { kind: 'proposed' }>)
    expect([one.told.place, two.told.place]).toEqual([
      { index: 9, term: 5, offset: 4 },
      { index: 9, term: 5, offset: 6 },
    ])
    expect(follower.count).toBe(0)
  })

  test('are uncertain at once when a newer term began before the leader answered', () => {
    const { follower, forward } = makePair()
    const { bundle, told } = bundleOf(1)
    forward(bundle)
    follower.overtaken(5)
    expect(told.code).toBeUndefined()
    follower.overtaken(6)
    expect([told.code, follower.count]).toEqual(['E_UNCERTAIN', 0])
  })

  test('are taken once, however often the message comes', () => {
    const { leader, forward } = makePair()
    const message = forward(bundleOf(1).bundle)
    expect(leader.accept(2, message, 5)).toBeDefined()
    expect(leader.accept(2, message, 5)).toBeUndefined()
  })

  test('are refused by a leader of another term, or none', () => {
    const { sent, follower, leader, forward } = makePair()
    for (const leads of [6, undefined]) {
      const { bundle, told } = bundleOf(1)
      expect(leader.accept(2, forward(bundle), leads)).toBeUndefined()
      follower.refused(sent.pop() as Extract<PeerMessage, { kind: 'refused' }>)
      expect(told.code).toBe('E_PROPOSAL_DROPPED')
    }
  })

  test('are uncertain when the leader says nothing', () => {
    const { follower, forward } = makePair()
    const { bundle, told } = bundleOf(1)
    forward(bundle)
    for (let tick = 0; tick < 3; tick++) follower.tick()
    expect(told.code).toBe('E_UNCERTAIN')
  })

  test('that are garbage are refused', () => {
    const { sent, leader } = makePair()
    const message = { kind: 'propose', id: 'x', term: 5, batch: Uint8Array.of(1, 2, 3) } as const
    expect(leader.accept(2, message, 5)).toBeUndefined()
    expect(sent.pop()).toMatchObject({ kind: 'refused', code: 'E_CORRUPT' })
  })
})
