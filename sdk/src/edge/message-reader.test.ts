import { describe, expect, test } from 'vitest'
import { MessageReader, prefixed } from './message-reader.js'

/** What is read of these bytes when they come in chunks of so many. */
function read(bytes: Buffer, chunkBytes: number, bytesMax = 1_000): string[] {
  const reader = new MessageReader(bytesMax)
  const found: string[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes)
    reader.take(bytes.subarray(at, at + chunkBytes), (message) => found.push(message.toString()))
  return found
}

describe('messages', () => {
  const messages = ['one', '', 'a longer message than the others', 'two', '', 'x'.repeat(300)]
  const bytes = Buffer.concat(messages.map((message) => prefixed(Buffer.from(message))))

  test('are found wherever the chunks that they come in end', () => {
    for (let chunkBytes = 1; chunkBytes <= bytes.length; chunkBytes++) expect(read(bytes, chunkBytes)).toEqual(messages)
  })

  test('whose end has not come are not there yet', () => {
    expect(read(bytes.subarray(0, bytes.length - 1), 7)).toEqual(messages.slice(0, -1))
  })

  test('that are too long or compressed are refused before they came whole', () => {
    expect(() => read(bytes, 50, 299)).toThrow('a message of 300 bytes, limit 299')
    expect(() => read(Buffer.from([1, 0, 0, 0, 1]), 5)).toThrow('compressed')
  })
})
