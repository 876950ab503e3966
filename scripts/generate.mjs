// Writes what is generated from the .proto files into proto/src/gen: the descriptor, the types, and the session stream's
// codecs. With --check it writes nothing and fails when what stands there is stale.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import protobuf from 'protobufjs'
import { codecsOf } from './write-codecs.mjs'

const files = [
  'keeper/v1/session.proto',
  'keeper/v1/admin.proto',
  'keeper/v1/changes.proto',
  'keeper/v1/secrets.proto',
  'keeper/v1/control.proto',
  'grpc/health/v1/health.proto',
]
const target = 'proto/src/gen'

function generate(out) {
  const root = new protobuf.Root()
  root.resolvePath = (_origin, path) => (path.startsWith('proto/') ? path : join('proto', path))
  root.loadSync(files, { keepCase: false }).resolveAll()
  // No types: the loader reads a plain object.
  const json = JSON.stringify(root.toJSON(), null, 1)
  execFileSync(
    'node_modules/.bin/proto-loader-gen-types',
    [
      ...files,
      '--longs=String',
      '--enums=String',
      '--defaults',
      '--oneofs',
      '--grpcLib=@grpc/grpc-js',
      '--importFileExtension=.js',
      '--targetFileExtension=.ts',
      `--outDir=${out}`,
      '--includeDirs=proto',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const messages = readdirSync(join(out, 'keeper/v1')).sort()
  writeFileSync(
    join(out, 'messages.ts'),
    messages.map((file) => `export type * from './keeper/v1/${file.replace(/\.ts$/, '.js')}'\n`).join(''),
  )
  writeFileSync(
    join(out, 'descriptor.ts'),
    `// Generated from the .proto files by \`npm run generate\`.\nexport const descriptor: object = ${json}\n`,
  )
  writeFileSync(join(out, 'codecs.ts'), codecsOf(root))
}

const contents = (folder) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [file.slice(folder.length), readFileSync(file, 'utf8')]),
  )

if (process.argv.includes('--check')) {
  const out = mkdtempSync(join(tmpdir(), 'keeper-generate-'))
  try {
    generate(out)
    if (JSON.stringify(contents(out)) !== JSON.stringify(contents(target))) {
      console.error(`${target} is stale: run \`npm run generate\` and commit what it writes`)
      process.exitCode = 1
    }
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
} else {
  rmSync(target, { recursive: true, force: true })
  generate(target)
}
