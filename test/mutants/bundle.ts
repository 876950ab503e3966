import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { type Mutant, mutatedFiles, root } from './mutant.js'

/** Beside the packages, so that the bundle finds those that it does not hold. */
const folder = join(root, 'node_modules/.cache/mutants')

/** Bundles the simulation with the mutant's bug in it, or as it is; gives the bundle's path. */
export async function bundle(mutant?: Mutant): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const files = mutant ? mutatedFiles(mutant) : new Map<string, string>()
  const outfile = join(folder, `${mutant?.name ?? 'unmutated'}.mjs`)
  await build({
    entryPoints: [join(root, 'test/mutants/child.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'error',
    plugins: [
      {
        name: 'plant',
        setup({ onLoad }) {
          onLoad({ filter: /\.ts$/ }, ({ path }) => {
            const contents = files.get(path)
            return contents === undefined ? undefined : { contents, loader: 'ts' }
          })
        },
      },
    ],
  })
  return outfile
}
