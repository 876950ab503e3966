import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { MemoryKeeper } from './testing/memory-keeper.js'
import { wireServer } from './testing/wire-server.js'
import { version } from './version.js'

const run = promisify(execFile)
const folder = fileURLToPath(new URL('..', import.meta.url))

/** What a service does in its tests, in words that both module systems take. */
const body = `
  const testKeeper = createTestKeeper({ configs: { 'push/room': { a: 1 } } })
  const keeper = await testKeeper.join()
  const room = await keeper.config('push/room')
  const acks = await testKeeper.set('push/room', { a: 2 })
  await testKeeper.disconnect()
  await testKeeper.reconnect()
  testKeeper.refuse('push/x')
  const refused = await keeper.config('push/x').catch((error) => error)
  await testKeeper.close()
  console.log(JSON.stringify([keeper instanceof Keeper, room.value, acks[0].state, refused instanceof KeeperClientError]))`

async function outputOf(type: 'commonjs' | 'module', source: string): Promise<unknown> {
  const { stdout } = await run(process.execPath, [`--input-type=${type}`, '--eval', source], { cwd: folder })
  return JSON.parse(stdout)
}

test('the version is the package’s', async () => {
  expect(version).toBe(JSON.parse(await readFile(`${folder}/package.json`, 'utf8')).version)
})

// `npm test` builds first; a watch run on sources alone has nothing to look at.
describe.skipIf(!existsSync(`${folder}/dist/cjs/index.cjs`))('the built package, in a process of its own', () => {
  test('is required from CommonJS, both entries sharing their classes, and lets the process end', async () => {
    const source = `
      const { Keeper, KeeperClientError } = require('@keeper/sdk')
      const { createTestKeeper } = require('@keeper/sdk/testing')
      void (async () => {${body}})()`
    expect(await outputOf('commonjs', source)).toEqual([true, { a: 2 }, 'applied', true])
  })

  test('is imported as ES modules', async () => {
    const source = `
      import { Keeper, KeeperClientError } from '@keeper/sdk'
      import { createTestKeeper } from '@keeper/sdk/testing'
      ${body}`
    expect(await outputOf('module', source)).toEqual([true, { a: 2 }, 'applied', true])
  })

  test('holds a process that waits for its keepers, and lets it end after it gave up', async () => {
    const source = `
      import { Keeper } from '@keeper/sdk'
      const who = { cluster: 'push', role: 'room', instance: 'r', endpoints: ['127.0.0.1:1'], stateDir: false }
      const error = await Keeper.join({ ...who, joinTimeoutMs: 50 }).catch((error) => error)
      console.log(JSON.stringify(error.code))`
    expect(await outputOf('module', source)).toBe('E_CONNECTION')
  })

  test('with handleSignals leaves on SIGTERM, then dies of it', async () => {
    const keeper = new MemoryKeeper()
    const left: string[] = []
    const server = await wireServer((peer) => {
      const handler = keeper.attach(peer)
      const onFrame: typeof handler.onFrame = (frame) => {
        if (frame.leave) left.push(frame.leave.reason)
        handler.onFrame(frame)
      }
      return { ...handler, onFrame }
    })
    const source = `
      import { Keeper } from '@keeper/sdk'
      const who = { cluster: 'push', role: 'room', instance: 'r', endpoints: ['${server.endpoint}'], stateDir: false }
      await Keeper.join({ ...who, handleSignals: true })
      console.log('joined')`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', source], { cwd: folder })
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    const [code, signal] = await once(child, 'exit')
    expect([code, signal, left]).toEqual([null, 'SIGTERM', ['SIGTERM']])
    server.close()
  })
})
