import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keeperCommand } from '../../test/harness/command-line.js'

const home = import.meta.dirname
let folder: string
let runs: Run[]

/** One `npm start`: the process and all it printed. */
class Run {
  readonly child: ChildProcess
  #text = ''
  #listeners: (() => void)[] = []

  constructor() {
    this.child = spawn(process.execPath, [join(home, 'dist/main.js')], {
      env: {
        ...process.env,
        KEEPER_DATA_DIR: join(folder, 'data'),
        KEEPER_CONFIG_DIR: join(folder, 'config'),
        KEEPER_CLIENT_PORT: port,
        KEEPER_HTTP_PORT: '0',
        KEEPER_STATE_DIR: join(folder, 'state'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk) => {
        this.#text += String(chunk)
        for (const listener of this.#listeners) listener()
      })
    }
    runs.push(this)
  }

  get text(): string {
    return this.#text
  }

  /** The first match of `pattern` in what is printed from now or earlier. */
  async says(pattern: RegExp): Promise<RegExpMatchArray> {
    return await new Promise((resolve, reject) => {
      const look = () => {
        const match = this.#text.match(pattern)
        if (!match) return
        clearTimeout(timer)
        resolve(match)
      }
      const timer = setTimeout(() => reject(new Error(`never said ${pattern}; said:\n${this.#text}`)), 20_000)
      this.#listeners.push(look)
      look()
    })
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const exited = once(this.child, 'exit')
    this.child.kill(signal)
    await exited
  }
}

let port = '0'

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-quickstart-'))
  await cp(join(home, 'config'), join(folder, 'config'), { recursive: true })
  // whoever tried the README has edited it
  await edit(/^maxConnections: .*$/m, 'maxConnections: 1000')
  runs = []
  port = '0'
})

afterEach(async () => {
  for (const run of runs) await run.end('SIGTERM')
  await rm(folder, { recursive: true, force: true })
})

const edit = async (from: string | RegExp, to: string) => {
  const file = join(folder, 'config/push/room.yaml')
  await writeFile(file, (await readFile(file, 'utf8')).replace(from, to))
}

test('an edit reaches the process, a mistake is refused with its place, and a restart goes on where it was', async () => {
  const first = new Run()
  await first.says(/keeper n1 ready · config .* · 2 processes/)
  await first.says(/room-1 {6}push\/room r\d+ applied · push\/common r\d+ applied/)
  await first.says(/register-1 {2}push\/common r\d+ applied/)
  await first.says(/→ edit .*push\/room\.yaml/)

  await edit('maxConnections: 1000', 'maxConnections: 2000')
  const [, revision] = await first.says(
    /r(\d+) push\/room {2}\/maxConnections 1000 → 2000 {4}room-1 applied in \d+ ms {4}1\/1/,
  )

  await edit('maxConnections: 2000', 'maxConnections: lots')
  await first.says(
    new RegExp(
      `refused · .*push/room\\.yaml:4:17 /maxConnections: expected integer, got "lots" · room-1 stays on r${revision}`,
    ),
  )
  await edit('maxConnections: lots', 'maxConnections: 2000')
  await first.end('SIGTERM')
  expect(first.child.exitCode).toBe(0)

  const second = new Run()
  await second.says(new RegExp(`room-1 {6}push/room r${revision} applied`))
})

test('what another shell does is told too: a rollback, by whom and why', async () => {
  port = String(20_000 + ((process.pid + 7_000) % 20_000))
  const run = new Run()
  await run.says(/→ edit/)
  await edit('maxConnections: 1000', 'maxConnections: 2000')
  await run.says(/1000 → 2000 {4}room-1 applied/)
  const back = ['rollback', 'push/room', '--to', '~1', '--reason', 'too many']
  expect(await keeperCommand(back, { KEEPER_ENDPOINTS: `127.0.0.1:${port}` })).toMatchObject({ code: 0 })
  await run.says(/\/maxConnections 2000 → 1000 {4}room-1 applied in \d+ ms {4}1\/1 {4}rollback by .+: too many/)
})

test('killed with SIGKILL, the keeper comes back with all it had, and its processes meanwhile run on', async () => {
  port = String(20_000 + (process.pid % 20_000))
  const first = new Run()
  const [, revision] = await first.says(/room-1 {6}push\/room r(\d+) applied/)
  await first.says(/→ edit/)
  await first.end('SIGKILL')
  await first.says(/room-1 {6}keeper away, running on r\d+/)

  const second = new Run()
  await second.says(new RegExp(`room-1 {6}push/room r${revision} applied`))
  await first.says(/room-1 {6}ended: /)
  await first.says(/register-1 {2}ended: /)
})

test('a process that starts with every keeper down runs on its last good values, and says so', async () => {
  const first = new Run()
  await first.says(/room-1 {6}push\/room r\d+ applied/)
  await first.says(/→ edit/)
  await first.end('SIGTERM')
  const alone = spawn(process.execPath, [join(home, 'dist/process.js'), 'room', 'room-1', '127.0.0.1:1'], {
    env: { ...process.env, KEEPER_STATE_DIR: join(folder, 'state') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  for await (const chunk of alone.stdout) {
    text += String(chunk)
    if (/keeper away, running on r\d+/.test(text)) break
  }
  const exited = once(alone, 'exit')
  alone.kill('SIGTERM')
  await exited
  expect(text).toMatch(/room-1 {6}push\/room r\d+ applied.*\n.*keeper away, running on r\d+/)
})
