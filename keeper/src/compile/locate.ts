import type { Finding } from './finding.js'
import { parent } from './json.js'
import { type Format, placesOf } from './parse.js'
import { LineIndex } from './text.js'
import type { Diagnostic } from './types.js'

/** A text that findings may be about. */
export interface LocatableText {
  readonly text: string
  readonly format: Format
}

/** Gives findings their line and column, reading again only those texts that have some. */
export function locate(
  findings: readonly Finding[],
  textOf: (file: string) => LocatableText | undefined,
): Diagnostic[] {
  const byFile = new Map<string, Finding[]>()
  for (const finding of findings) {
    const group = byFile.get(finding.file)
    if (group) group.push(finding)
    else byFile.set(finding.file, [finding])
  }
  return [...byFile].flatMap(([file, found]) => locateIn(found, textOf(file)))
}

function locateIn(findings: readonly Finding[], source: LocatableText | undefined): Diagnostic[] {
  if (!source) return findings.map((finding) => diagnostic(finding))
  const wanted = new Set<string>([''])
  for (const finding of findings)
    if (isUnplaced(finding)) for (const pointer of upwards(spotOf(finding))) wanted.add(pointer)
  const places = wanted.size > 1 || findings.some(isUnplaced) ? placesOf(source.format, source.text, wanted) : new Map()
  const lines = new LineIndex(source.text)
  return findings.map((finding) => {
    if (finding.line !== undefined) return diagnostic(finding)
    if (finding.offset !== undefined) return diagnostic(finding, lines.position(finding.offset))
    if (!isUnplaced(finding)) return diagnostic(finding)
    const exact = spotOf(finding)
    const found = upwards(exact).find((pointer) => places.has(pointer))
    const place = found === undefined ? undefined : places.get(found)
    return diagnostic(
      finding,
      place && lines.position(finding.spot === 'key' && found === exact ? place.key : place.value),
    )
  })
}

const isUnplaced = ({ line, offset, pointer, anchor }: Finding): boolean =>
  line === undefined && offset === undefined && (pointer ?? anchor) !== undefined

const spotOf = ({ anchor, pointer }: Finding): string => anchor ?? pointer ?? ''

/** The pointer, its container, and so on up to the root. */
function upwards(pointer: string): string[] {
  const all = [pointer]
  for (let up = pointer; up !== ''; all.push(up)) up = parent(up)
  return all
}

function diagnostic(finding: Finding, position?: { line: number; column: number }): Diagnostic {
  const { severity, rule, file, message, pointer } = finding
  const line = finding.line ?? position?.line
  const column = finding.column ?? position?.column
  return {
    severity,
    rule,
    file,
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(pointer !== undefined && { pointer: short(pointer) }),
    message: short(message),
  }
}

const textMax = 500

/** A key or number of a file may be megabytes long: what is said of it is not. */
const short = (text: string): string => (text.length <= textMax ? text : `${text.slice(0, textMax)}…`)
