import type { Finding } from './finding.js'
import { at, child, isObject, type Json, steps } from './json.js'
import { touches } from './overlays.js'
import type { ReadFile, ReadOverlay } from './read-config.js'
import type { SchemaFault } from './schema-messages.js'

/** Turns the faults of one variant into findings in the files that brought them. */
export type Blame = (set: readonly number[], faults: readonly SchemaFault[]) => Finding[]

/**
 * A fault belongs to the file that set the value last: the strongest overlay of the variant, the base, or, for a
 * default, the schema. Each is told once, though it shows in many variants; faults of whole objects are told for the
 * first variant that has them, since several files may have had a part.
 */
export function blame(
  base: ReadFile,
  overlays: readonly ReadOverlay[],
  schemaPath: string | undefined,
  schema: Json | undefined,
): Blame {
  const told = new Set<string>()
  const isNew = (key: string) => !told.has(key) && told.add(key) !== undefined
  return (set, faults) =>
    faults.flatMap((fault): Finding[] => {
      const { schemaPointer: _, isContainer, ...remark } = fault
      const source = sourceOf(fault, set)
      const what = `${fault.rule} ${fault.pointer} ${fault.message}`
      if (!isNew(isContainer && !source.isExact ? what : `${source.file} ${what}`)) return []
      return [
        {
          severity: 'error',
          ...remark,
          file: source.file,
          ...(source.anchor !== undefined && { anchor: source.anchor }),
        },
      ]
    })

  function sourceOf(fault: SchemaFault, set: readonly number[]): { file: string; anchor?: string; isExact: boolean } {
    for (const index of set.toReversed()) {
      const overlay = overlays[index]
      if (!overlay) continue
      const touch = touches(overlay.value, fault.pointer)
      const file = overlay.file.path
      if (touch === 'deleted') return { file, anchor: overlay.at + fault.pointer, isExact: true }
      if (touch === 'set' || touches(overlay.value, fault.anchor ?? fault.pointer) === 'set') {
        const anchor = overlay.at === '' ? undefined : overlay.at + (fault.anchor ?? fault.pointer)
        return { file, ...(anchor !== undefined && { anchor }), isExact: touch === 'set' }
      }
    }
    if (at(base.value, fault.anchor ?? fault.pointer) !== undefined || schemaPath === undefined || schema === undefined)
      return { file: base.file.path, isExact: false }
    return { file: schemaPath, anchor: defaultPointer(schema, fault.schemaPointer), isExact: true }
  }
}

/** The nearest `default` above the keyword that complained. */
function defaultPointer(schema: Json, schemaPointer: string): string {
  const path = steps(schemaPointer)
  for (let depth = path.length; depth >= 0; depth--) {
    const pointer = path.slice(0, depth).reduce(child, '')
    const node = at(schema, pointer)
    if (isObject(node) && Object.hasOwn(node, 'default')) return child(pointer, 'default')
  }
  return schemaPointer
}
