import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * Whole clusters, and pages that are followed with real keepers: minutes together. `npm test` leaves them out,
 * `npm run test:long` runs just them.
 */
const long = [
  'test/docs/docs.test.ts',
  'examples/ci/ci.test.ts',
  'examples/go-service/go-service.test.ts',
  ...[
    'agreement',
    'bad-input',
    'bad-peers',
    'cli',
    'config-road',
    'daily',
    'disk',
    'disk-full',
    'everywhere',
    'exec',
    'faults',
    'full-member',
    'hanging',
    'import',
    'kill',
    'links',
    'members',
    'rebuilt',
    'rolling',
    'secrets',
    'slow-link',
  ].map((name) => `test/cluster/${name}.test.ts`),
  ...['snapshot', 'sources', 'tls', 'upgrade'].map((name) => `test/cluster/${name}.test.ts`),
  'test/sim/disk/damaged-leveldb.test.ts',
  'test/types/commands.test.ts',
  'test/types/typescript.test.ts',
  'test/mutants/mutants.test.ts',
  'test/harness/tools.test.ts',
]

const isLong = process.env.KEEPER_TESTS === 'long'

export default defineConfig({
  resolve: {
    alias: [
      { find: '@keeper/proto/wire', replacement: source('./proto/src/wire.ts') },
      { find: '@keeper/proto', replacement: source('./proto/src/index.ts') },
      { find: '@keeper/sdk/testing', replacement: source('./sdk/src/testing/index.ts') },
      { find: '@keeper/sdk', replacement: source('./sdk/src/index.ts') },
    ],
  },
  test: {
    include: isLong
      ? long
      : ['{proto,keeper,sdk,agent}/src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts'],
    // a file that is named on the command line is run whatever it is
    exclude: ['**/node_modules/**', ...(isLong || namesFiles() ? [] : long)],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    reporters: ['default', './test/closing-line.ts'],
  },
})

function namesFiles(): boolean {
  return process.argv.slice(2).some((word) => !word.startsWith('-') && word !== 'run')
}
