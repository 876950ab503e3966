// CommonJS beside the ES modules, for what services embed: each module of dist/ becomes dist/cjs/NAME.cjs. One file per
// module, not one bundle per entry, so that @keeper/sdk and @keeper/sdk/testing share their classes. The types are the
// same, in a folder that says they are CommonJS.
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build } from 'esbuild'

/** Relative imports name the CommonJS neighbour; packages are left to whoever runs it. */
const cjsNeighbours = {
  name: 'cjs-neighbours',
  setup(builder) {
    builder.onResolve({ filter: /^\./ }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: path.replace(/\.js$/, '.cjs'), external: true },
    )
  },
}

function filesOf(dist, ending) {
  return readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending) && !entry.parentPath.startsWith(join(dist, 'cjs')))
    .map((entry) => join(entry.parentPath, entry.name))
}

for (const dist of ['proto/dist', 'sdk/dist']) {
  const out = join(dist, 'cjs')
  await build({
    entryPoints: filesOf(dist, '.js').map((file) => `./${file}`),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    packages: 'external',
    outbase: dist,
    outdir: out,
    outExtension: { '.js': '.cjs' },
    plugins: [cjsNeighbours],
    logLevel: 'warning',
  })
  for (const file of filesOf(dist, '.d.ts')) {
    const target = join(out, relative(dist, file))
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(file, target)
  }
  writeFileSync(join(out, 'package.json'), '{ "type": "commonjs" }\n')
}
