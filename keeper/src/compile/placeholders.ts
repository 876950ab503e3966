import { isSecretName } from '../store/secret-records.js'
import type { Remark } from './finding.js'
import { child, isArray, isObject, type Json } from './json.js'

/** `${ref:push/common#/redis/addr}`: a value of another config. */
export interface Ref {
  readonly kind: 'ref'
  /** As it is written, with `${` and `}`. */
  readonly text: string
  /** Where it begins in its string. */
  readonly at: number
  readonly name: string
  /** JSON pointer; '' for the whole value. */
  readonly pointer: string
}

/** `${secret:name}`: stays as it is written; whoever may have the secret puts it in. */
export interface Secret {
  readonly kind: 'secret'
  readonly text: string
  readonly at: number
  readonly name: string
}

const placeholder = /\$\{(ref|secret):([^{}]*)\}/g
const opened = /\$\{(ref|secret):/g

/** The placeholders of a string, in order; any other `${…}` is left alone. */
export function placeholdersIn(text: string): (Ref | Secret)[] {
  if (!text.includes('${')) return []
  return [...text.matchAll(placeholder)].map((match): Ref | Secret => {
    const [all, kind, body = ''] = match
    if (kind === 'secret') return { kind: 'secret', text: all, at: match.index, name: body }
    const hash = body.indexOf('#')
    const name = hash < 0 ? body : body.slice(0, hash)
    return { kind: 'ref', text: all, at: match.index, name, pointer: hash < 0 ? '' : body.slice(hash + 1) }
  })
}

/** Calls `visit` with every string of `value` that has a `${`, and its pointer. */
export function eachTemplate(value: Json, visit: (text: string, pointer: string) => void, pointer = ''): void {
  if (typeof value === 'string') {
    if (value.includes('${')) visit(value, pointer)
  } else if (isArray(value)) {
    for (const [at, item] of value.entries()) if (mayHave(item)) eachTemplate(item, visit, child(pointer, at))
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) eachTemplate(value[key] as Json, visit, child(pointer, key))
  }
}

/** What is wrong with the way the placeholders of a string are written. */
export function placeholderProblems(text: string, pointer: string): Remark[] {
  const found = placeholdersIn(text)
  const remarks = found.flatMap((one): Remark[] => {
    const message = one.kind === 'ref' ? refProblem(one) : secretProblem(one)
    return message ? [{ rule: `${one.kind}/syntax`, pointer, message }] : []
  })
  if ([...text.matchAll(opened)].length > found.length)
    remarks.push({ rule: 'ref/syntax', pointer, message: 'a \u0024{ref:…} or \u0024{secret:…} without its }' })
  return remarks
}

function refProblem({ text, name, pointer }: Ref): string | undefined {
  const isName = /^[^\s/][^\s]*\/[^\s]*[^\s/]$/.test(name)
  const isPointer = pointer === '' || (pointer.startsWith('/') && !/~(?![01])/.test(pointer))
  return isName && isPointer
    ? undefined
    : `${text}: expected \${ref:CONFIG#/pointer}, e.g. \${ref:push/common#/redis/addr}`
}

const secretProblem = ({ text, name }: Secret): string | undefined =>
  isSecretName(name) ? undefined : `${text}: a secret’s name has letters, digits, and . _ - / between them`

/** Does the string stand for something that is not known here, so that its form cannot be judged? */
export const hasSecret = (value: Json | undefined): boolean =>
  typeof value === 'string' && placeholdersIn(value).some(({ kind }) => kind === 'secret')

/** A long list of words would be as many pointers. */
const mayHave = (value: Json): boolean => (typeof value === 'string' ? value.includes('${') : typeof value === 'object')
