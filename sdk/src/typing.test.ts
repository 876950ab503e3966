import { expect, expectTypeOf, test } from 'vitest'
import type { Config, DeepReadonly } from './index.js'
import { createTestKeeper } from './testing/index.js'

interface Typed {
  maxConnections: number
  redis: { hosts: { name: string }[]; mode?: 'a' | 'b' }
}

declare module './index.js' {
  interface Configs {
    'typing-test/room': Typed
  }
}

test('a name that the generated module knows has its type, deeply read-only, with no cast', async () => {
  const testKeeper = createTestKeeper({
    configs: { 'typing-test/room': { maxConnections: 5, redis: { hosts: [{ name: 'h' }] } } satisfies Typed },
  })
  const keeper = await testKeeper.join()
  const room = await keeper.config('typing-test/room', {
    validate: (value) => expectTypeOf(value).toEqualTypeOf<DeepReadonly<Typed>>(),
  })
  expectTypeOf(room).toEqualTypeOf<Config<Typed>>()
  expectTypeOf(room.value.redis.hosts).toEqualTypeOf<readonly { readonly name: string }[]>()
  expectTypeOf(room.value.redis.mode).toEqualTypeOf<'a' | 'b' | undefined>()
  room.onUpdate((next, previous) => {
    expectTypeOf(next.maxConnections).toBeNumber()
    expectTypeOf(previous).toEqualTypeOf<DeepReadonly<Typed> | undefined>()
  })
  keeper.onChange(['typing-test/room', 'push/any'], ({ values }) => {
    expectTypeOf(values['typing-test/room']).toEqualTypeOf<DeepReadonly<Typed> | undefined>()
    expectTypeOf(values['push/any']).toBeUnknown()
  })
  expectTypeOf(await keeper.config<{ a: number }>('typing-test/room')).toEqualTypeOf<Config<{ a: number }>>()
  expect(room.value.maxConnections).toBe(5)
  await testKeeper.close()
})
