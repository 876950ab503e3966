// The codecs of the session stream's messages, as TypeScript: what every request of every process passes through. They
// read and write the same plain objects as proto-loader with the options of proto/src/services.ts.
import protobuf from 'protobufjs'

const roots = ['ClientFrame', 'ServerFrame', 'ConfigChange', 'Push', 'Status']
const scalars = {
  uint32: { type: 0, write: (value) => `writer.varint(${value} >>> 0)`, read: 'reader.varint()', zero: '0' },
  bool: { type: 0, write: () => 'writer.byte(1)', read: 'reader.boolean()', zero: 'false' },
  uint64: { type: 0, long: 'uint64', read: 'reader.uint64()', zero: "'0'" },
  fixed64: { type: 1, long: 'fixed64', read: 'reader.fixed64()', zero: "'0'" },
  sfixed64: { type: 1, long: 'fixed64', read: 'reader.sfixed64()', zero: "'0'" },
  string: { type: 2, write: (value) => `writer.string(${value})`, read: 'reader.string()', zero: "''" },
  bytes: { type: 2, write: (value) => `writer.bytes(${value})`, read: 'reader.bytes()', zero: 'noBytes' },
}

/** Every message that one of the roots may hold. */
function reachable(root) {
  const found = new Map()
  const visit = (type) => {
    if (found.has(type.fullName)) return
    found.set(type.fullName, type)
    for (const field of type.fieldsArray)
      if (field.resolve().resolvedType instanceof protobuf.Type) visit(field.resolvedType)
  }
  for (const name of roots) visit(root.lookupType(`keeper.v1.${name}`))
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name))
}

function enumsOf(types) {
  const found = new Map()
  for (const type of types)
    for (const { resolvedType } of type.fieldsArray)
      if (resolvedType instanceof protobuf.Enum) found.set(identifier(resolvedType), resolvedType)
  return [...found.values()]
}

/** Compare.Target → Compare_Target */
const identifier = (type) => type.fullName.replace(/^\.keeper\.v1\./, '').replaceAll('.', '_')

const tagOf = (field, type) => (field.id << 3) | type
const writeTag = (field, type) => {
  const tag = tagOf(field, type)
  return tag < 0x80 ? `writer.byte(${tag})` : `writer.varint(${tag})`
}

function writeField(field) {
  const value = `message.${field.name}`
  if (field.map) return writeMap(field, value)
  const { resolvedType } = field
  const one = (item, indent) => {
    if (resolvedType instanceof protobuf.Type)
      return [
        'const before = writer.size',
        `write${identifier(resolvedType)}(writer, ${item})`,
        'writer.varint(writer.size - before)',
        writeTag(field, 2),
      ]
        .map((line) => indent + line)
        .join('\n')
    return `${indent}${scalars[field.type].write(item)}\n${indent}${writeTag(field, scalars[field.type].type)}`
  }
  if (field.repeated) {
    if (!(resolvedType instanceof protobuf.Type) && scalars[field.type]?.type !== 2)
      throw new Error(`${field.fullName}: packed fields are not supported`)
    return `  if (${value}) for (let at = ${value}.length - 1; at >= 0; at--) {\n    const item = ${value}[at] as NonNullable<(typeof ${value})[number]>\n${one('item', '    ')}\n  }`
  }
  if (resolvedType instanceof protobuf.Type) return `  if (${value} != null) {\n${one(value, '    ')}\n  }`
  if (field.partOf) throw new Error(`${field.fullName}: scalars in a oneof are not supported`)
  if (resolvedType instanceof protobuf.Enum)
    return `  if (${value} != null) {\n    const number = typeof ${value} === 'number' ? ${value} : (${identifier(resolvedType)}Numbers[${value}] ?? 0)\n    if (number !== 0) {\n      writer.varint(number)\n      ${writeTag(field, 0)}\n    }\n  }`
  const scalar = scalars[field.type]
  if (!scalar) throw new Error(`${field.fullName}: ${field.type} is not supported`)
  if (scalar.long) return `  if (${value} != null && writer.${scalar.long}(${value})) ${writeTag(field, scalar.type)}`
  const there = scalar.type === 2 ? `${value}?.length` : value
  return `  if (${there}) {\n${one(value, '    ')}\n  }`
}

function writeMap(field, value) {
  if (field.keyType !== 'string' || field.type !== 'string')
    throw new Error(`${field.fullName}: only maps of strings are supported`)
  return `  if (${value}) for (const [key, item] of Object.entries(${value}).reverse()) {
    const before = writer.size
    writer.string(item)
    writer.byte(18)
    writer.string(key)
    writer.byte(10)
    writer.varint(writer.size - before)
    ${writeTag(field, 2)}
  }`
}

const typeOf = (field) =>
  field.resolvedType instanceof protobuf.Type ? 2 : field.resolvedType ? 0 : field.map ? 2 : scalars[field.type].type
const zeroOf = (field) => {
  if (field.map) return '{}'
  if (field.repeated) return '[]'
  if (field.resolvedType instanceof protobuf.Enum) return `'${Object.keys(field.resolvedType.values)[0]}'`
  if (field.resolvedType) return field.partOf ? 'undefined' : 'null'
  return scalars[field.type].zero
}

function readField(field, message) {
  const { resolvedType } = field
  const type = `${identifier(message)}__Output['${field.name}']`
  if (field.map) return `readEntry(reader, reader.inner(end), ${field.name})`
  let read = scalars[field.type]?.read
  if (resolvedType instanceof protobuf.Type) read = `read${identifier(resolvedType)}(reader, reader.inner(end))`
  if (resolvedType instanceof protobuf.Enum) read = `${identifier(resolvedType)}Of(reader.varint())`
  if (field.repeated) return `${local(field.name)}.push(${read})`
  const oneof = field.partOf ? `; ${field.partOf.name} = '${field.name}'` : ''
  return `${local(field.name)} = ${read}${resolvedType ? ` as ${type}` : ''}${oneof}`
}

/** `delete` is a word of the language. */
const local = (name) => (name === 'delete' ? 'delete_' : name)

function kindOf(field, message) {
  const type = `${identifier(message)}__Output['${field.name}']`
  if (field.repeated || field.map) return `: Mutable<${type}>`
  if (field.type === 'bytes') return ': Buffer'
  return field.resolvedType ? `: ${type} | undefined` : ''
}

function readMessage(type) {
  const name = identifier(type)
  const fields = [...type.fieldsArray].sort((a, b) => a.id - b.id)
  const oneofs = type.oneofsArray
  const declare = [
    ...fields.map(
      (field) =>
        `  ${field.repeated || field.map ? 'const' : 'let'} ${local(field.name)}${kindOf(field, type)} = ${zeroOf(field)}`,
    ),
    ...oneofs.map((oneof) => `  let ${oneof.name}: ${name}__Output['${oneof.name}'] | undefined`),
  ]
  const cases = fields.map((field) => `      case ${tagOf(field, typeOf(field))}: ${readField(field, type)}; break`)
  const all = [
    ...fields.map(({ name }) => (local(name) === name ? name : `${name}: ${local(name)}`)),
    ...oneofs.map(({ name }) => name),
  ]
  return `function read${name}(reader: WireReader, end: number): ${name}__Output {
${declare.join('\n')}
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
${cases.join('\n')}
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { ${all.join(', ')} } as ${name}__Output
}`
}

function writeMessage(type) {
  const name = identifier(type)
  const fields = [...type.fieldsArray].sort((a, b) => b.id - a.id).map(writeField)
  const [writer, message] = fields.length > 0 ? ['writer', 'message'] : ['_writer', '_message']
  return `function write${name}(${writer}: WireWriter, ${message}: ${name}): void {\n${fields.join('\n')}\n}`
}

function writeEnum(type) {
  const name = identifier(type)
  const numbers = Object.entries(type.values)
  return `const ${name}Numbers: Record<string, number> = { ${numbers.map(([key, value]) => `${key}: ${value}`).join(', ')} }
const ${name}Names: Record<number, string> = { ${numbers.map(([key, value]) => `${value}: '${key}'`).join(', ')} }
const ${name}Of = (number: number): string | number => ${name}Names[number] ?? number`
}

/** The text of proto/src/gen/codecs.ts. */
export function codecsOf(root) {
  const types = reachable(root)
  const names = types.map(identifier)
  return `// Generated from the .proto files by \`npm run generate\`.
import type { ${names.flatMap((name) => [name, `${name}__Output`]).join(', ')} } from './messages.js'
import { decode, encode, type Mutable, noBytes, readEntry } from '../wire-codec.js'
import type { WireReader } from '../wire-reader.js'
import type { WireWriter } from '../wire-writer.js'

${enumsOf(types).map(writeEnum).join('\n\n')}

${types.flatMap((type) => [writeMessage(type), readMessage(type)]).join('\n\n')}

${roots.map((name) => `export const encode${name} = (message: ${name}): Buffer => encode(write${name}, message)\nexport const decode${name} = (bytes: Uint8Array): ${name}__Output => decode(read${name}, bytes)`).join('\n')}
`
}
