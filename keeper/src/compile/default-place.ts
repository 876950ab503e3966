import { at, below, child, type Json, steps } from './json.js'

/** A default, and where in the schema it stands. */
export interface Default {
  readonly pointer: string
  readonly value: Json
}

/** The default that fills `pointer`: of the schema there, or of one above that has the value in it. */
export function defaultAt(root: Json, pointer: string): Default | undefined {
  const path = steps(pointer)
  let candidates = schemasAt(root, '')
  let found = defaultIn(root, candidates, path)
  for (const [depth, step] of path.entries()) {
    candidates = candidates.flatMap((schema) => stepInto(root, schema, step))
    found = defaultIn(root, candidates, path.slice(depth + 1)) ?? found
  }
  return found
}

function defaultIn(root: Json, schemas: readonly string[], rest: readonly string[]): Default | undefined {
  for (const schema of schemas) {
    const value = rest.reduce<Json | undefined>(below, at(root, child(schema, 'default')))
    if (value !== undefined) return { pointer: rest.reduce(child, child(schema, 'default')), value }
  }
  return undefined
}

const refsMax = 32

/** Pointers of the schema at `pointer` and of those that it takes in by `$ref` and `allOf`. */
function schemasAt(root: Json, pointer: string, seen: readonly string[] = []): string[] {
  const schema = at(root, pointer)
  if (schema === undefined || seen.includes(pointer) || seen.length > refsMax) return []
  const known = [...seen, pointer]
  const ref = at(schema, '/$ref')
  const parts = at(schema, '/allOf')
  return [
    pointer,
    ...(typeof ref === 'string' && ref.startsWith('#') ? schemasAt(root, decodeURIComponent(ref.slice(1)), known) : []),
    ...(Array.isArray(parts) ? parts.flatMap((_, index) => schemasAt(root, `${pointer}/allOf/${index}`, known)) : []),
  ]
}

function stepInto(root: Json, schema: string, step: string): string[] {
  const named = child(`${schema}/properties`, step)
  const others = [`${schema}/additionalProperties`, `${schema}/items`]
  const next = at(root, named) === undefined ? others : [named]
  return next.flatMap((pointer) => schemasAt(root, pointer))
}
