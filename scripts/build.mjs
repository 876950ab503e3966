// Builds every package: types and ES modules with tsc, CommonJS for what services embed with esbuild.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const run = (command, ...args) => execFileSync(command, args, { stdio: 'inherit' })
run('node_modules/.bin/tsc', '-b')
if (existsSync('scripts/build-cjs.mjs')) run(process.execPath, 'scripts/build-cjs.mjs')
