// `npm start`: an embedded keeper that watches examples/quickstart/config, and two small processes beside it.
import { type ChildProcess, spawn } from 'node:child_process'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLogger, createOutput, Narrator, startKeeper } from '@keeper/server/main'

const home = join(dirname(fileURLToPath(import.meta.url)), '..')
const configDir = process.env.KEEPER_CONFIG_DIR ?? (relative(process.cwd(), join(home, 'config')) || '.')
const fleet = [
  { role: 'room', instance: 'room-1' },
  { role: 'register', instance: 'register-1' },
]

const output = createOutput(false)
const keeper = await startKeeper({
  name: 'n1',
  dataDir: process.env.KEEPER_DATA_DIR ?? join(home, '.keeper'),
  configDir,
  listenClient: { host: '127.0.0.1', port: Number(process.env.KEEPER_CLIENT_PORT ?? 7400) },
  listenPeer: { host: '127.0.0.1', port: 0 },
  listenHttp: { host: '127.0.0.1', port: Number(process.env.KEEPER_HTTP_PORT ?? 7480) },
  logger: createLogger('error', true),
}).catch((error) => {
  output.error(`keeper: ${error.message}\n        ${error.kind?.fix ?? ''}`)
  process.exit(1)
})
const narrator = new Narrator(keeper, output)
const children: ChildProcess[] = []
// Before anything is started: whoever ends us now leaves nobody behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end())
void keeper.failed.then(end)
await keeper.published()

narrator.ready(` · ${fleet.length} processes`)
for (const { role, instance } of fleet) children.push(start(role, instance))
await everyoneApplied()
output.line(`→ edit ${join(configDir, 'push/room.yaml')}`)

function start(role: string, instance: string): ChildProcess {
  const script = join(home, 'dist/process.js')
  return spawn(process.execPath, [script, role, instance, keeper.addresses.client], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

async function everyoneApplied(): Promise<void> {
  const done = () =>
    fleet.every(({ instance }) => {
      const rows = keeper.ledger().filter((row) => row.instance === instance)
      return rows.length > 0 && rows.every((row) => row.current)
    })
  while (!done())
    await new Promise<void>((resolve) => {
      const stop = keeper.onLedgerChange(() => {
        stop()
        resolve()
      })
    })
}

async function end(): Promise<void> {
  narrator.stop()
  for (const child of children) child.kill('SIGTERM')
  await Promise.all(children.map((child) => child.exitCode ?? new Promise((resolve) => child.once('exit', resolve))))
  await keeper.close()
  const failure = keeper.failure()
  if (failure) output.error(`keeper: ${failure.message}\n        ${failure.kind.fix}`)
  process.exit(failure ? 1 : 0)
}
