import { createRequire } from 'node:module'

const manifest = createRequire(import.meta.url)('../../package.json') as { version: string }

/** The version of this keeper, from its package. */
export const version: string = manifest.version
