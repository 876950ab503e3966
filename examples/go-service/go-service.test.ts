import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keeperCommand } from '../../test/harness/command-line.js'
import { KeeperProcess, until } from '../../test/harness/keeper-process.js'
import { RunningCommand } from '../../test/harness/running-command.js'

const hasGo = (() => {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

let folder: string
let config: string
let keeper: KeeperProcess | undefined
let gate: RunningCommand | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-go-'))
  config = join(folder, 'config')
  await cp(join(import.meta.dirname, 'config'), config, { recursive: true })
})

afterAll(async () => {
  await gate?.kill()
  await keeper?.kill('SIGTERM')
  await rm(folder, { recursive: true, force: true })
})

/** Builds with a cache of its own and no network. */
function build(): string {
  const binary = join(folder, 'gate')
  execFileSync('go', ['build', '-o', binary, '.'], {
    cwd: import.meta.dirname,
    env: { ...process.env, GOCACHE: join(folder, 'cache'), GOPROXY: 'off', GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' },
  })
  return binary
}

test.skipIf(!hasGo)(
  `a Go program is kept current, and its death is the ledger’s${hasGo ? '' : ' (skipped: no go on the PATH)'}`,
  async () => {
    const binary = build()
    keeper = await KeeperProcess.start({ dataDir: join(folder, 'data'), configDir: config })
    const env = { KEEPER_ENDPOINTS: keeper.endpoint, KEEPER_STATE_DIR: join(folder, 'state') }
    const rendered = join(folder, 'gate.json')
    const who = ['--as', 'cluster=push,role=gate,instance=gate-1']
    gate = new RunningCommand(
      ['exec', ...who, '--render', `push/gate=${rendered}`, '--signal', 'HUP', '--', binary, rendered],
      env,
    )
    await gate.says('serving 1000 connections, idle 30s: hello\n')

    const file = join(config, 'push/gate.yaml')
    await writeFile(file, 'maxConnections: 2000\nidleMs: 2m\n')
    await gate.says('now 2000 connections, idle 2m0s: \n')
    const ledger = async () => (await keeperCommand(['ledger', 'push/gate'], env)).stdout
    const applied = await until('the ledger knows', async () => {
      const text = await ledger()
      return text.includes('applied') && text.includes('1/1') && text
    })
    expect(applied).toMatch(/gate-1 +push\/gate +r(\d+) +r\1 +applied/)

    await writeFile(file, 'maxConnections: 2000000\n')
    expect(await gate.ended()).toBe(3)
    expect(gate.stderr).toContain('this machine has no memory for them')
    expect(gate.stderr).toContain('the command ended with exit code 3')
    expect(JSON.parse(await readFile(rendered, 'utf8'))).toMatchObject({ maxConnections: 2_000_000, idleMs: 60_000 })
  },
)
