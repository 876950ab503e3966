import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandNames, loadCommands } from './commands.js'

const bin = join(import.meta.dirname, '../../bin/keeper.js')
/** Tells each module that is loaded, in a line of its own. */
const telling = `data:text/javascript,import { register } from 'node:module'
register('data:text/javascript,' + encodeURIComponent(
  "export async function load(url, context, next) { process._rawDebug('loads ' + url); return await next(url, context) }"
))`

/** What the command line loads for these arguments. */
function loadedBy(...args: string[]): string[] {
  const script = `exec "$0" --import "$1" "$2" ${args.join(' ')} 2>&1`
  const said = execFileSync('sh', ['-c', script, process.execPath, encodeURI(telling), bin], { encoding: 'utf8' })
  return said.split('\n').flatMap((line) => /^loads (.*)$/.exec(line)?.[1] ?? [])
}

test('--version loads neither gRPC nor the store, nor any command', () => {
  const loaded = loadedBy('--version')
  expect(loaded.filter((url) => url.includes('/dist/')).length).toBeGreaterThan(3)
  expect(loaded.filter((url) => /grpc|\/store\/|\/compile\/|\/cli\/commands\//.test(url))).toEqual([])
})

test('a command loads itself, and no other', () => {
  const commands = loadedBy('kv', '--help').flatMap((url) => /\/cli\/commands\/(.*)\.js$/.exec(url)?.[1] ?? [])
  expect(commands).toEqual(['kv'])
})

test('a check loads no gRPC: it asks no keeper', () => {
  const loaded = loadedBy('check', join(import.meta.dirname, '../../../examples/go-service/config'))
  expect(loaded.some((url) => url.includes('/cli/late-client.js'))).toBe(true)
  expect(loaded.filter((url) => url.includes('grpc'))).toEqual([])
})

test('each name is one of the command that it loads, in the order of --help', async () => {
  expect((await loadCommands()).map((command) => command.name())).toEqual(commandNames)
  for (const name of commandNames) expect((await loadCommands(name)).map((command) => command.name())).toContain(name)
})

test('a name that is none loads all of them, so that the nearest can be named', async () => {
  expect(await loadCommands('aply')).toHaveLength(commandNames.length)
})
