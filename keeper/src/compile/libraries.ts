/**
 * The parsers and the schema validator of others. Loaded when a file first needs one: together they take some 5 MB in each thread
 * that has them, and a large list of plain lines needs none.
 */

import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

const once = <Library>(name: string): (() => Library) => {
  let loaded: Library | undefined
  return () => {
    loaded ??= load(name) as Library
    return loaded
  }
}

export const yaml = once<typeof import('yaml')>('yaml')
export const toml = once<typeof import('smol-toml')>('smol-toml')
export const properties = once<typeof import('dot-properties')>('dot-properties')
export const ajvDraft07 = once<typeof import('ajv')>('ajv')
export const ajvDraft2020 = once<typeof import('ajv/dist/2020.js')>('ajv/dist/2020.js')
export const ajvFormats = once<typeof import('ajv-formats')>('ajv-formats')
