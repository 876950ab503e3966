import { describe, expect, test } from 'vitest'
import { limits } from './limits.js'
import { changeOf, ScriptedKeeper } from './testing/scripted-keeper.js'

const started = () => new ScriptedKeeper().welcomed()

/** A promise and its two ends: a callback that ends when the test says so. */
function gate() {
  let open = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, passed }
}

describe('a value', () => {
  test('is live, and frozen all the way down', async () => {
    const keeper = await started()
    const room = await keeper.config('push/room', 4, { redis: { hosts: ['a'] } })
    const value = room.value as { redis: { hosts: string[] } }
    expect(() => value.redis.hosts.push('b')).toThrow(TypeError)
    await keeper.push(5, { 'push/room': { redis: { hosts: [] } } })
    expect(room.value).toEqual({ redis: { hosts: [] } })
    expect(room.status).toEqual({ revision: 5, from: 'live', removed: false })
  })

  test('that is applied at once is answered once, in a frame without names or reason', async () => {
    const keeper = await started()
    await keeper.config('push/room', 4, 1)
    expect(keeper.acks).toEqual(['r4 APPLIED'])
    expect(keeper.sent('acks')[0]?.acks[0]?.configs).toEqual([])
  })

  test('of megabytes arrives', async () => {
    const keeper = await started()
    const room = await keeper.config('push/room', 4, { text: 'x'.repeat(5_000_000) })
    expect((room.value as { text: string }).text).toHaveLength(5_000_000)
  })

  test('nested a hundred thousand deep arrives, and a validate that cannot bear it rejects it', async () => {
    const keeper = await started()
    const deep = Buffer.from('['.repeat(100_000) + ']'.repeat(100_000))
    const walk = (value: unknown): unknown => (Array.isArray(value) ? value.map(walk) : value)
    const room = await keeper.config('push/room', 4, [1], { validate: walk })
    await keeper.push(5, { 'push/room': deep })
    expect(room.value).toEqual([1])
    expect(keeper.acks.at(-1)).toMatch(/^r5 REJECTED push\/room: Maximum call stack/)
  })

  test.each([
    ['__proto__', '{"a":{"__proto__":{"polluted":true}}}', 'a key is named __proto__'],
    ['constructor', '{"constructor":{"prototype":{"polluted":true}}}', 'a key is named constructor'],
    ['no JSON', '{"a":', 'its bytes are no JSON'],
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22]).toString('latin1'), 'its bytes are no JSON'],
  ])('with %s is rejected, and what was there stays', async (_what, bytes, reason) => {
    const keeper = await started()
    const room = await keeper.config('push/room', 4, { a: 1 })
    await keeper.push(5, { 'push/room': Buffer.from(bytes, 'latin1') })
    expect(keeper.acks.at(-1)).toContain(`r5 REJECTED push/room: ${reason}`)
    expect(room.value).toEqual({ a: 1 })
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test('whose bytes do not match their hash is rejected', async () => {
    const keeper = await started()
    const room = await keeper.config('push/room', 4, 1)
    await keeper.send({
      push: { storeEpoch: 1, revision: 5, changes: [{ ...changeOf('push/room', 5, 2), hash: 'ab' }] },
    })
    expect(keeper.acks.at(-1)).toBe('r5 REJECTED push/room: its bytes do not match their hash')
    expect(room.value).toBe(1)
  })

  test('that is removed stays, flagged, and comes back unflagged', async () => {
    const keeper = await started()
    const room = await keeper.config('push/room', 4, 1)
    await keeper.push(5, { 'push/room': undefined })
    expect([room.value, room.status]).toEqual([1, { revision: 4, from: 'live', removed: true }])
    await keeper.push(6, { 'push/room': 2 })
    expect([room.value, room.status]).toEqual([2, { revision: 6, from: 'live', removed: false }])
    expect(keeper.acks).toEqual(['r4 APPLIED', 'r5 APPLIED', 'r6 APPLIED'])
  })

  test('never steps back within an epoch; a newer epoch always wins, an older never', async () => {
    const keeper = await started()
    const room = await keeper.config('push/room', 9, 'nine')
    await keeper.push(8, { 'push/room': 'eight' })
    expect(room.value).toBe('nine')
    await keeper.push(2, { 'push/room': 'two of the next' }, 2)
    expect([room.value, room.status.revision]).toEqual(['two of the next', 2])
    await keeper.push(10, { 'push/room': 'ten of the first' }, 1)
    expect(room.value).toBe('two of the next')
  })

  test('of a new cluster wins, however small its numbers', async () => {
    const keeper = await started()
    const room = await keeper.config('push/room', 9, 'nine')
    await keeper.breakStream()
    await keeper.runtime.advance(1_000)
    await keeper.welcome({ clusterId: 'c2' })
    await keeper.push(3, { 'push/room': 'three' })
    expect(room.value).toBe('three')
  })
})

describe('a change set', () => {
  const both = { 'push/room': { at: 5 }, 'push/common': { at: 5 } }

  async function withBoth(options: { validate?: (value: unknown) => void } = {}) {
    const keeper = await started()
    const room = await keeper.config('push/room', 4, { at: 4 }, options)
    const common = await keeper.config('push/common', 4, { at: 4 })
    return { keeper, room, common }
  }

  test('swaps all values before any callback runs', async () => {
    const { keeper, room, common } = await withBoth()
    const seen: unknown[] = []
    room.onUpdate(() => seen.push([room.value, common.value]))
    common.onUpdate(() => seen.push([room.value, common.value]))
    await keeper.push(5, both)
    expect(seen).toEqual([
      [{ at: 5 }, { at: 5 }],
      [{ at: 5 }, { at: 5 }],
    ])
  })

  test('is one call of onChange, with what changed, what is and what was', async () => {
    const { keeper } = await withBoth()
    const calls: unknown[] = []
    keeper.keeper.onChange(['push/room', 'push/common', 'push/other'], ({ revision, changed, values, previous }) => {
      calls.push({ revision, changed: [...changed], values, previous })
    })
    await keeper.push(5, both)
    await keeper.push(6, { 'push/common': { at: 6 } })
    expect(calls).toEqual([
      {
        revision: 5,
        changed: ['push/room', 'push/common'],
        values: { ...both, 'push/other': undefined },
        previous: { 'push/room': { at: 4 }, 'push/common': { at: 4 } },
      },
      {
        revision: 6,
        changed: ['push/common'],
        values: { 'push/room': { at: 5 }, 'push/common': { at: 6 }, 'push/other': undefined },
        previous: { 'push/common': { at: 5 } },
      },
    ])
  })

  test('is rejected as a whole by one validate, with the reason, what runs on named, and nothing called', async () => {
    const validate = (value: unknown) => {
      if ((value as { at: number }).at === 5) throw new Error('five will not do')
    }
    const { keeper, room, common } = await withBoth({ validate })
    const calls: unknown[] = []
    common.onUpdate((next) => calls.push(next))
    await keeper.push(5, both)
    expect(keeper.acks.at(-1)).toBe('r5 REJECTED push/room: five will not do')
    const named = keeper
      .sent('acks')
      .at(-1)
      ?.acks[0]?.configs.map(({ name, revision }) => [name, revision])
    expect(named).toEqual([
      ['push/room', '4'],
      ['push/common', '4'],
    ])
    expect([room.value, common.value, calls]).toEqual([{ at: 4 }, { at: 4 }, []])
  })

  test('rejected together comes in together, once the part that was wrong is right', async () => {
    const validate = (value: unknown) => {
      if ((value as { at: number }).at === 5) throw new Error('five will not do')
    }
    const { keeper, room, common } = await withBoth({ validate })
    await keeper.push(5, both)
    await keeper.push(6, { 'push/room': { at: 6 } })
    expect([room.value, common.value]).toEqual([{ at: 6 }, { at: 5 }])
    expect(keeper.acks.at(-1)).toBe('r6 APPLIED')
    expect(
      keeper
        .sent('acks')
        .at(-1)
        ?.acks[0]?.configs.map(({ name }) => name),
    ).toEqual(['push/common'])
  })

  test('is not held up by another that was rejected and touches other configs', async () => {
    const { keeper, common } = await withBoth({
      validate: (value) => {
        if ((value as { at: number }).at === 5) throw new Error('no')
      },
    })
    await keeper.push(5, { 'push/room': { at: 5 } })
    await keeper.push(6, { 'push/common': { at: 6 } })
    expect(common.value).toEqual({ at: 6 })
  })

  test('with an asynchronous validate is rejected: it could not be undone later', async () => {
    const keeper = await started()
    const room = keeper.keeper.config('push/room', { validate: () => Promise.reject(new Error('later')) })
    const refused = expect(room).rejects.toMatchObject({ code: 'E_REJECTED' })
    await keeper.runtime.settle()
    await keeper.push(4, { 'push/room': 1 })
    await refused
  })
})

describe('a callback', () => {
  test('gets next, previous and revision, once per revision, however often it is pushed', async () => {
    const keeper = await started()
    const room = await keeper.config('push/room', 4, 'four')
    const calls: unknown[] = []
    room.onUpdate((next, previous, { revision }) => calls.push([next, previous, revision]))
    await keeper.push(5, { 'push/room': 'five' })
    await keeper.push(5, { 'push/room': 'five' })
    await keeper.breakStream()
    await keeper.runtime.advance(1_000)
    await keeper.welcome({ resumed: true, sessionSecret: Buffer.alloc(0) })
    await keeper.push(5, { 'push/room': 'five' })
    expect(calls).toEqual([['five', 'four', 5]])
    expect(keeper.acks).toEqual(['r5 APPLIED'])
  })

  test('is not called for the same bytes under a later revision', async () => {
    const keeper = await started()
    const room = await keeper.config('push/room', 4, 'four')
    let calls = 0
    room.onUpdate(() => calls++)
    await keeper.push(5, { 'push/room': 'four' })
    expect([calls, room.status.revision, keeper.acks.at(-1)]).toEqual([0, 5, 'r5 APPLIED'])
  })

  test('that throws is reported failed with its reason; the value stays', async () => {
    const keeper = await started()
    const room = await keeper.config('push/room', 4, 'four')
    room.onUpdate(async () => {
      throw new Error('no redis')
    })
    await keeper.push(5, { 'push/room': 'five' })
    expect([room.value, keeper.acks.at(-1)]).toEqual(['five', 'r5 FAILED no redis'])
    expect(keeper.sent('acks').at(-1)?.acks[0]?.configs[0]).toMatchObject({ name: 'push/room', revision: '5' })
  })

  test('that takes long is reported received, then applied; what comes meanwhile is one call for the newest', async () => {
    const keeper = await started()
    const room = await keeper.config('push/room', 4, 4)
    const { open, passed } = gate()
    const calls: unknown[] = []
    room.onUpdate(async (next, previous, { signal }) => {
      calls.push([next, previous, signal])
      if (next === 5) await passed
    })
    await keeper.push(5, { 'push/room': 5 })
    await keeper.runtime.advance(limits.receivedAfterMs)
    expect(keeper.acks.at(-1)).toBe('r5 RECEIVED')
    await keeper.push(6, { 'push/room': 6 })
    await keeper.push(7, { 'push/room': 7 })
    expect(room.value).toBe(7)
    const [first] = calls as [number, number, AbortSignal][]
    expect(first?.[2].aborted).toBe(true)
    open()
    await keeper.runtime.settle()
    expect(calls.map((call) => (call as unknown[]).slice(0, 2))).toEqual([
      [5, 4],
      [7, 5],
    ])
    expect(keeper.acks.slice(-2)).toEqual(['r5 RECEIVED', 'r7 APPLIED'])
  })

  test('that hangs holds up nobody else', async () => {
    const keeper = await started()
    const room = await keeper.config('push/room', 4, 4)
    const calls: unknown[] = []
    room.onUpdate(() => new Promise(() => {}))
    room.onUpdate((next) => calls.push(next))
    await keeper.push(5, { 'push/room': 5 })
    await keeper.push(6, { 'push/room': 6 })
    expect(calls).toEqual([5, 6])
  })

  test('with initial never runs twice at a time, even when pushes come before its first call', async () => {
    const keeper = await started()
    const room = await keeper.config('push/room', 4, 4)
    let [running, most] = [0, 0]
    const seen: unknown[] = []
    for (const at of [5, 6]) {
      keeper.now.peer.send({ push: { storeEpoch: 1, revision: at, changes: [changeOf('push/room', at, at)] } })
    }
    room.onUpdate(
      async (next) => {
        seen.push(next)
        most = Math.max(most, ++running)
        for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
        running--
      },
      { initial: true },
    )
    await keeper.runtime.settle()
    await keeper.keeper.ready()
    expect([most, seen]).toEqual([1, [5, 6]])
  })

  test('may stop itself, and its neighbours still hear', async () => {
    const keeper = await started()
    const room = await keeper.config('push/room', 4, 4)
    const calls: string[] = []
    const stop = room.onUpdate((next) => {
      stop()
      calls.push(`first ${next}`)
    })
    room.onUpdate((next) => calls.push(`second ${next}`))
    await keeper.push(5, { 'push/room': 5 })
    await keeper.push(6, { 'push/room': 6 })
    expect(calls).toEqual(['first 5', 'second 5', 'second 6'])
  })

  test('with initial hears of the value there is, and not twice when another comes first', async () => {
    const keeper = await started()
    const room = await keeper.config('push/room', 4, 4)
    const calls: unknown[] = []
    room.onUpdate((next, previous) => calls.push([next, previous]), { initial: true })
    await keeper.runtime.settle()
    expect(calls).toEqual([[4, undefined]])
    room.onUpdate((next, previous) => calls.push([next, previous]), { initial: true })
    await keeper.push(5, { 'push/room': 5 })
    expect(calls.slice(1).toSorted()).toEqual(
      [
        [4, undefined],
        [5, 4],
        [5, 4],
      ].toSorted(),
    )
  })
})

describe('asking for a config', () => {
  test('is refused with the keeper’s code when it is meant for others', async () => {
    const keeper = await started()
    const asked = expect(keeper.keeper.config('push/dispatcher')).rejects.toMatchObject({ code: 'E_NOT_IN_AUDIENCE' })
    await keeper.runtime.settle()
    const status = { code: 'E_NOT_IN_AUDIENCE', message: 'not for rooms' }
    await keeper.send({ subscribed: { id: 1, refused: [{ name: 'push/dispatcher', status }] } })
    await asked
  })

  test('that does not exist waits for it, and gives up typed', async () => {
    const keeper = await started()
    const asked = expect(keeper.keeper.config('push/none', { timeoutMs: 500 })).rejects.toMatchObject({
      code: 'E_NOT_FOUND',
    })
    const later = keeper.keeper.config('push/later')
    await keeper.runtime.settle()
    await keeper.send({ subscribed: { id: 1, absent: ['push/none', 'push/later'] } })
    await keeper.runtime.advance(500)
    await asked
    await keeper.push(4, { 'push/later': 'came' })
    expect((await later).value).toBe('came')
    expect(keeper.sent('subscribe').map(({ names, cancel }) => [names, cancel])).toEqual([
      [['push/none', 'push/later'], []],
      [[], ['push/none']],
    ])
  })

  test('ends with its signal', async () => {
    const keeper = await started()
    const controller = new AbortController()
    const asked = keeper.keeper.config('push/room', { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(asked).rejects.toThrow('enough')
  })

  test('with a validate that refuses the value there is rejects, and leaves the others alone', async () => {
    const keeper = await started()
    const room = await keeper.config('push/room', 4, 4)
    const validate = () => {
      throw new Error('never')
    }
    await expect(keeper.keeper.config('push/room', { validate })).rejects.toMatchObject({ code: 'E_REJECTED' })
    await keeper.push(5, { 'push/room': 5 })
    expect(room.value).toBe(5)
  })

  test('of more than a process may want is refused', async () => {
    const keeper = await started()
    const names = Array.from({ length: limits.subscriptionsMax }, (_, i) => `push/${i}`)
    const all = names.map((name) => keeper.keeper.config(name))
    await expect(keeper.keeper.config('push/over')).rejects.toMatchObject({ code: 'E_TOO_MANY' })
    await keeper.runtime.settle()
    await keeper.push(4, Object.fromEntries(names.map((name) => [name, 1])))
    expect(await Promise.all(all)).toHaveLength(limits.subscriptionsMax)
  })
})
