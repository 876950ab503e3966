import { encodeText } from '../../base/codec.js'
import type { Diagnostic, SourceTree } from '../types.js'

/** A tree from texts (or bytes) by path. */
export const tree = (files: Readonly<Record<string, string | Uint8Array>>): SourceTree => ({
  files: Object.keys(files)
    .sort()
    .map((path) => ({ path, bytes: bytesOf(files[path] ?? '') })),
  problems: [],
})

/** One line, as a compiler prints it. */
export const formatDiagnostic = ({ severity, file, line, column, pointer, message }: Diagnostic): string =>
  `${severity} ${file}${line === undefined ? '' : `:${line}:${column}`}${pointer === undefined ? '' : ` ${pointer}`}: ${message}`

const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === 'string' ? encodeText(content) : content
