/** What the generated codecs have in common. */

import { WireReader } from './wire-reader.js'
import { WireWriter } from './wire-writer.js'

/** A list or map of a message while it is read. */
export type Mutable<T> = T extends readonly (infer Item)[] ? Item[] : { -readonly [Key in keyof T]: T[Key] }

export const noBytes: Buffer = Buffer.alloc(0)

/** One for all: a message is written in one go. */
const writer = new WireWriter()

export function encode<Message>(write: (writer: WireWriter, message: Message) => void, message: Message): Buffer {
  try {
    write(writer, message)
    return writer.finish()
  } catch (thrown) {
    writer.reset()
    throw thrown
  }
}

export const decode = <Output>(read: (reader: WireReader, end: number) => Output, bytes: Uint8Array): Output =>
  read(new WireReader(bytes), bytes.length)

const KEY = 10
const VALUE = 18

/** One entry of a map of strings. */
export function readEntry(reader: WireReader, end: number, into: Record<string, string>): void {
  let [key, value] = ['', '']
  while (reader.at < end) {
    const tag = reader.varint()
    if (tag === KEY) key = reader.string()
    else if (tag === VALUE) value = reader.string()
    else reader.skip(tag)
  }
  reader.close(end)
  // a property like any other, whatever its name
  Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true })
}
