import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: '@keeper/proto', replacement: source('./proto/src/index.ts') },
      { find: '@keeper/sdk/testing', replacement: source('./sdk/src/testing/index.ts') },
      { find: '@keeper/sdk', replacement: source('./sdk/src/index.ts') },
    ],
  },
  test: {
    include: ['{proto,keeper,sdk,agent}/src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    reporters: ['default', './test/closing-line.ts'],
  },
})
