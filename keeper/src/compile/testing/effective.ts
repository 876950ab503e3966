import { decodeText } from '../../base/codec.js'
import { inAudience, variantFor } from '../../store/audience.js'
import type { CompileOptions } from '../compiler.js'
import { compileTree } from '../compiler.js'
import type { Json } from '../json.js'
import type { CompileOutput } from '../types.js'
import { formatDiagnostic, tree } from './tree.js'

type Files = Readonly<Record<string, string | Uint8Array>>

/** Compiles files that have to be right. */
export function compiled(files: Files, options: CompileOptions = {}): CompileOutput {
  const output = compileTree(tree(files), options)
  const errors = output.diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Error(errors.map(formatDiagnostic).join('\n'))
  return output
}

/** What a process with these labels gets (`zone=bj track=canary`); undefined outside the audience. */
export function effective(output: CompileOutput, name: string, as: string): Json | undefined {
  const config = output.configs.find((one) => one.name === name)
  if (!config) throw new Error(`no config ${name}`)
  const labels = Object.fromEntries(as.split(' ').map((label) => label.split('=') as [string, string]))
  if (!inAudience(config.audience, labels)) return undefined
  const record = {
    v: 1,
    ...config,
    changeSet: '',
    variants: config.variants.map((one) => ({ ...one, revision: 1 })),
  } as const
  const variant = variantFor(record, labels)
  return variant && JSON.parse(decodeText(output.blobs.get(variant.hash) ?? new Uint8Array()))
}

/** What is said of files, as a compiler prints it; with `ok` false nothing may come out. */
export function told(files: Files, options: CompileOptions = {}): string[] {
  const output = compileTree(tree(files), options)
  if (!output.ok && output.configs.length + output.blobs.size > 0) throw new Error('half a change set')
  return output.diagnostics.map(formatDiagnostic)
}
