import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { KeeperClient } from '../../keeper/src/cli/client.js'
import { KeeperProcess } from '../../test/harness/keeper-process.js'

interface Job {
  readonly if?: string
  readonly env?: Record<string, string>
  readonly steps: readonly { readonly run?: string }[]
}

// Many commands, one after the other: on a busy machine each takes its time.
vi.setConfig({ testTimeout: 90_000 })

const home = import.meta.dirname
let folder: string
let keeper: KeeperProcess
let jobs: Record<string, Job>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-ci-'))
  for (const part of ['config', 'types']) await cp(join(home, part), join(folder, part), { recursive: true })
  await npxAlone(join(folder, 'bin'))
  jobs = parse(await readFile(join(home, 'github-actions.yml'), 'utf8')).jobs
  keeper = await KeeperProcess.start({ dataDir: join(folder, 'data') })
})

afterEach(async () => {
  await keeper.kill('SIGTERM')
  await rm(folder, { recursive: true, force: true })
})

/** An npx that has the keeper at hand, and starts no package manager to find that out. */
async function npxAlone(bin: string): Promise<void> {
  await mkdir(bin)
  const keeper = resolve(home, '../../keeper/bin/keeper.js')
  await writeFile(
    join(bin, 'npx'),
    `#!/bin/sh\n[ "$1" = keeper ] && shift && exec "${process.execPath}" "${keeper}" "$@"\n`,
  )
  await chmod(join(bin, 'npx'), 0o755)
}

/** What the repository and the event give, in place of the expressions of the file. */
const given = (text: string): string =>
  text
    .replace('${{ vars.KEEPER_ENDPOINTS }}', keeper.endpoint)
    .replace('${{ github.event.head_commit.message }}', 'More "rooms" $(touch broken) in Beijing')

/** Runs the commands of a job as its runner would, up to the first that fails; gives the last exit code and all output. */
async function run(name: string): Promise<{ code: number | null; text: string }> {
  const { steps, env = {} } = jobs[name] as Job
  const own = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, given(value)]))
  let text = ''
  for (const { run: command } of steps) {
    if (command === undefined || command === 'npm ci') continue
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', command], {
      cwd: folder,
      env: {
        ...process.env,
        ...own,
        PATH: `${folder}/bin:${process.env.PATH}`,
        GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)))
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0) return { code, text }
  }
  return { code: 0, text }
}

async function ask<T>(method: string): Promise<T> {
  const client = new KeeperClient([keeper.endpoint])
  return client.call<T>('configs', method, { name: 'push/room' }).finally(() => client.close())
}

test('a pull request is checked and shown, and changes nothing; a merge is applied, and why stands in the history', async () => {
  expect(jobs.plan?.if).toBe("github.event_name == 'pull_request'")
  expect(jobs.apply?.if).toBe("github.event_name == 'push'")
  expect(await run('check')).toMatchObject({ code: 0, text: expect.stringContaining('1 config · 2 tests') })
  expect(await run('plan')).toMatchObject({ code: 0, text: expect.stringContaining('push/room') })
  expect(await readFile(join(folder, 'summary.md'), 'utf8')).toContain('push/room')
  await expect(ask('Get')).rejects.toThrow(expect.objectContaining({ code: 'E_NOT_FOUND' }))
  expect(await run('apply')).toMatchObject({ code: 0 })
  const { valueJson } = await ask<{ valueJson: string }>('Get')
  expect(JSON.parse(valueJson)).toEqual({ maxConnections: 1000, timeout: 30000 })
  const { entries } = await ask<{ entries: { reason: string }[] }>('History')
  expect(entries).toMatchObject([{ reason: 'More "rooms" $(touch broken) in Beijing' }])
  await expect(readFile(join(folder, 'broken'))).rejects.toThrow('ENOENT')
})

test('a value that a test does not allow, and types that are stale, end the pipeline', async () => {
  const overlay = join(folder, 'config/push/room@zone=bj.yaml')
  await writeFile(overlay, 'maxConnections: 4000\n')
  expect(await run('check')).toMatchObject({ code: 3, text: expect.stringContaining('expected 3000, got 4000') })
  await cp(join(home, 'config/push/room@zone=bj.yaml'), overlay)
  await writeFile(join(folder, 'config/push/extra.yaml'), 'a: 1\n')
  expect(await run('check')).toMatchObject({
    code: 1,
    text: expect.stringContaining('keeper-configs.d.ts is stale: push/extra is missing (E_STALE)'),
  })
})
