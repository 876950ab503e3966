import { decodeText } from '../base/codec.js'
import { inAudience, variantFor } from '../store/audience.js'
import { canonicalText } from './canonical.js'
import { diffValues } from './diff.js'
import { type Finding, inFile, type Remark } from './finding.js'
import { at, child, copy, isObject, type Json, type JsonObject, shown } from './json.js'
import { locate } from './locate.js'
import { mergePatch } from './overlays.js'
import { parseYaml } from './parse-yaml.js'
import { hasSecret } from './placeholders.js'
import { type ConfigSchema, SchemaCompiler } from './schema.js'
import { testsSchema } from './tests-schema.js'
import { decodeSource } from './text.js'
import type { CompileOutput, Diagnostic, SourceFile, SourceTree } from './types.js'

/** What the tests of a directory gave. */
export interface TestReport {
  readonly run: number
  readonly failed: number
  /** One or more for each test that failed, at its place in its file. */
  readonly diagnostics: readonly Diagnostic[]
}

interface ConfigTest {
  readonly name?: string
  readonly config: string
  readonly as: Readonly<Record<string, string>>
  /** Laid over the effective value, as an overlay would be, before the schema looks at it. */
  readonly set?: Json
  readonly expect?: Json
  readonly expectError?: string | { readonly rule?: string; readonly pointer?: string }
}

/**
 * Runs the tests of `_keeper/tests/*.yaml` against a tree that compiled: which value do processes with such labels get,
 * and what is refused? `files` are the tests' files, their paths as they are to be shown.
 */
export function runConfigTests(files: readonly SourceFile[], tree: SourceTree, output: CompileOutput): TestReport {
  const house = new TestHouse(tree, output)
  const reports = files.map((file) => house.runFile(file))
  const sum = (pick: (report: TestReport) => number) => reports.reduce((total, report) => total + pick(report), 0)
  return {
    run: sum(({ run }) => run),
    failed: sum(({ failed }) => failed),
    diagnostics: reports.flatMap(({ diagnostics }) => diagnostics),
  }
}

/** Why a process does not get a value, as `expectError` names it. */
type Outcome =
  | { readonly value: Json }
  | { readonly errors: readonly { readonly rule: string; readonly pointer: string }[] }

class TestHouse {
  readonly #schemas = new SchemaCompiler()
  readonly #shape = this.#schemas.compile(JSON.stringify(testsSchema)).schema as ConfigSchema
  readonly #tree: SourceTree
  readonly #output: CompileOutput

  constructor(tree: SourceTree, output: CompileOutput) {
    this.#tree = tree
    this.#output = output
  }

  runFile(file: SourceFile): TestReport {
    const decoded = decodeSource(file.bytes)
    if ('remark' in decoded) return broken(file, '', [decoded.remark])
    const parsed = parseYaml(decoded.text)
    if (parsed.value === undefined) return broken(file, decoded.text, parsed.remarks)
    const { value, faults } = this.#shape.check(copy(parsed.value))
    if (faults.length > 0) return broken(file, decoded.text, faults)
    const tests = value as unknown as readonly ConfigTest[]
    const remarks = tests.map((test, index) => this.#run(test, child('', index)))
    return {
      run: tests.length,
      failed: remarks.filter((found) => found.length > 0).length,
      diagnostics: placed(file, decoded.text, remarks.flat()),
    }
  }

  #run(test: ConfigTest, pointer: string): Remark[] {
    const isOne = (test.expect === undefined) !== (test.expectError === undefined)
    if (!isOne) return [{ rule: 'test/shape', pointer, message: 'a test has expect, or expectError, and not both' }]
    const outcome = this.#outcome(test)
    const found =
      test.expectError === undefined ? valueFaults(test, pointer, outcome) : errorFaults(test, pointer, outcome)
    const who = test.name === undefined ? test.config : `${test.config}, ${test.name}`
    return found.map((remark) => ({ ...remark, message: `${who}: ${remark.message}` }))
  }

  #outcome({ config: name, as, set }: ConfigTest): Outcome {
    const config = this.#output.configs.find((one) => one.name === name)
    if (!config) return failed('E_NOT_FOUND')
    if (!inAudience(config.audience, as)) return failed('E_NOT_IN_AUDIENCE')
    const bytes = this.#output.blobs.get(variantFor(config, as)?.hash ?? '')
    const value: Json = bytes ? JSON.parse(decodeText(bytes)) : null
    return set === undefined ? { value } : this.#checked(name, mergePatch(value, set))
  }

  #checked(name: string, value: Json): Outcome {
    const file = this.#tree.files.find(({ path }) => path === `${name}.schema.json`)
    const schema = file && this.#schemas.compile(decodeText(file.bytes).replace(/^\ufeff/, '')).schema
    if (!schema) return { value }
    const checked = schema.check(copy(value))
    // What a secret will be is not known here; that it is text is.
    const faults = checked.faults.filter(
      ({ rule, pointer }) => rule === 'schema/type' || !hasSecret(at(checked.value, pointer)),
    )
    return faults.length > 0 ? { errors: faults } : { value: checked.value }
  }
}

const failed = (rule: string): Outcome => ({ errors: [{ rule, pointer: '' }] })

const errorText = ({ rule, pointer }: { rule: string; pointer: string }): string =>
  pointer ? `${rule} at ${pointer}` : rule

/** By pointer when every key is one; else the whole value. */
const isByPointer = (expected: Json): expected is JsonObject =>
  isObject(expected) && Object.keys(expected).length > 0 && Object.keys(expected).every((key) => /^(?:\/|$)/.test(key))

function valueFaults({ expect: expected = null }: ConfigTest, test: string, outcome: Outcome): Remark[] {
  const pointer = child(test, 'expect')
  if ('errors' in outcome) {
    const message = `expected a value, got ${outcome.errors.map(errorText).join(', ')}`
    return [{ rule: 'test/error', pointer, message }]
  }
  if (!isByPointer(expected)) return wholeFaults(expected, outcome.value, pointer)
  return Object.entries(expected).flatMap(([key, wanted]) => {
    const got = at(outcome.value, key)
    if (got !== undefined && canonicalText(got) === canonicalText(wanted)) return []
    const message = `${key}: expected ${shown(wanted)}, got ${shown(got)}`
    return [{ rule: 'test/value', pointer: child(pointer, key), message }]
  })
}

const wholeFaults = (expected: Json, value: Json, pointer: string): Remark[] =>
  diffValues(expected, value).map(({ pointer: path, before, after }) => ({
    rule: 'test/value',
    pointer: before === undefined ? pointer : pointer + path,
    message: `${path || 'the value'}: expected ${shown(before)}, got ${shown(after)}`,
  }))

function errorFaults({ expectError = '' }: ConfigTest, test: string, outcome: Outcome): Remark[] {
  const wanted = typeof expectError === 'string' ? { rule: expectError } : expectError
  const fits = ({ rule, pointer }: { rule: string; pointer: string }) =>
    (wanted.rule ?? rule) === rule && (wanted.pointer ?? pointer) === pointer
  if ('errors' in outcome && outcome.errors.some(fits)) return []
  const got = 'errors' in outcome ? outcome.errors.map(errorText).join(', ') : 'a value'
  const message = `expected the error ${errorText({ rule: wanted.rule ?? 'any', pointer: wanted.pointer ?? '' })}, got ${got}`
  return [{ rule: 'test/error', pointer: child(test, 'expectError'), message }]
}

function broken(file: SourceFile, text: string, remarks: readonly Remark[]): TestReport {
  return { run: 0, failed: 0, diagnostics: placed(file, text, remarks) }
}

function placed({ path }: SourceFile, text: string, remarks: readonly Remark[]): Diagnostic[] {
  const findings: Finding[] = inFile(path, remarks)
  return locate(findings, () => (text === '' ? undefined : { text, format: 'yaml' }))
}
