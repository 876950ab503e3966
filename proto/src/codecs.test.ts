import type { MessageTypeDefinition } from '@grpc/proto-loader'
import protobuf from 'protobufjs'
import { describe, expect, test } from 'vitest'
import { descriptor } from './gen/descriptor.js'
import { clientFrame, configChange, definition, serverFrame, status } from './index.js'

/** Numbers in [0, 1), the same each time. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const texts = ['', 'a', 'push/room', 'ü', '漢字', 'x'.repeat(60), '\u{1f600}'.repeat(30), '__proto__']
const longs = ['0', '1', '127', '128', '300', '16384', '4294967295', '4294967296', '1099511627776', '9007199254740991']
const widest = ['9007199254740992', '18446744073709551615']
const signed = ['0', '1', '-1', '9223372036854775807', '-9223372036854775808']

/** A message of the type with fields of every size, each there or not. */
function anyMessage(type: protobuf.Type, unit: () => number, depth = 0): Record<string, unknown> {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(unit() * list.length)] as T
  const one = (field: protobuf.Field): unknown => {
    const { resolvedType } = field
    if (resolvedType instanceof protobuf.Type) return anyMessage(resolvedType, unit, depth + 1)
    if (resolvedType instanceof protobuf.Enum) return pick(Object.keys(resolvedType.values))
    if (field.type === 'string') return pick(texts)
    if (field.type === 'bytes') return Buffer.alloc(Math.floor(unit() ** 4 * 400), pick([0, 7, 255]))
    if (field.type === 'bool') return unit() < 0.5
    if (field.type === 'uint32') return pick([0, 1, 127, 128, 65_536, 2 ** 32 - 1])
    if (field.type === 'sfixed64') return pick(signed)
    return pick([...longs, ...widest])
  }
  const several = (field: protobuf.Field) => Array.from({ length: Math.floor(unit() * 4) }, () => one(field))
  const message: Record<string, unknown> = {}
  const chosen = new Map(type.oneofsArray.map((oneof) => [oneof, pick(oneof.fieldsArray)]))
  for (const field of type.fieldsArray) {
    if (unit() < 0.2 || (field.partOf && chosen.get(field.partOf) !== field)) continue
    if (field instanceof protobuf.MapField)
      message[field.name] = Object.fromEntries([[pick(texts.slice(0, 6)), pick(texts)]])
    else message[field.name] = field.repeated ? several(field) : one(field)
  }
  return message
}

const root = protobuf.Root.fromJSON(structuredClone(descriptor) as protobuf.INamespace).resolveAll()

describe.each([
  ['ClientFrame', clientFrame],
  ['ServerFrame', serverFrame],
  ['ConfigChange', configChange],
  ['Status', status],
] as const)('%s, beside the codec of protobufjs', (name, ours) => {
  const theirs = definition[`keeper.v1.${name}`] as unknown as MessageTypeDefinition<object, object>
  const type = root.lookupType(`keeper.v1.${name}`)
  const messages = Array.from({ length: 200 }, (_, seed) => anyMessage(type, random(seed + 1)))

  test('reads what the other wrote', () => {
    for (const message of messages) {
      const bytes = theirs.serialize(message)
      expect(ours.decode(bytes)).toEqual(theirs.deserialize(bytes))
    }
  })

  test('writes what the other reads, and no more bytes', () => {
    for (const message of messages) {
      const bytes = ours.encode(message)
      expect(theirs.deserialize(bytes)).toEqual(theirs.deserialize(theirs.serialize(message)))
      expect(bytes.length).toBeLessThanOrEqual(theirs.serialize(message).length)
    }
  })

  test('a cut message is an error or a shorter message, never a crash', () => {
    for (const message of messages.slice(0, 100)) {
      const whole = ours.encode(message)
      for (const length of [1, 2, 3, whole.length - 1].filter((length) => length > 0 && length < whole.length))
        expect(thrownBy(() => ours.decode(whole.subarray(0, length)))).toBeOneOf([undefined, 'RangeError'])
    }
  })

  test('nor is noise', () => {
    const unit = random(7)
    for (let round = 0; round < 3_000; round++) {
      const noise = Buffer.from(Array.from({ length: Math.floor(unit() * 60) }, () => Math.floor(unit() * 256)))
      expect(thrownBy(() => ours.decode(noise))).toBeOneOf([undefined, 'RangeError'])
    }
  })
})

function thrownBy(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (thrown) {
    return (thrown as Error).name
  }
}

test('a field that is not known yet is passed over', () => {
  const known = status.encode({ code: 'E_X', message: 'm' })
  const unknown = Buffer.from([0xa2, 0x06, 3, 1, 2, 3, 0xa8, 0x06, 0x96, 0x01, 0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8])
  expect(status.decode(Buffer.concat([unknown, known]))).toMatchObject({ code: 'E_X', message: 'm' })
})

test('a number that is no safe integer is refused, and the next message is whole', () => {
  expect(() => serverFrame.encode({ push: { revision: 2 ** 53 } })).toThrow(RangeError)
  expect(() => serverFrame.encode({ push: { revision: -1 } })).toThrow(RangeError)
  expect(serverFrame.decode(serverFrame.encode({ push: { revision: 3 } })).push?.revision).toBe('3')
})

test('what is larger than the kept buffer is whole, and so is what comes after it', () => {
  const value = Buffer.alloc(3_000_000, 9)
  const large = configChange.encode({ name: 'push/room', value })
  const small = configChange.encode({ name: 'push/room', value: Buffer.from('{}') })
  expect(configChange.decode(large).value.equals(value)).toBe(true)
  expect(configChange.decode(small).value.toString()).toBe('{}')
})
