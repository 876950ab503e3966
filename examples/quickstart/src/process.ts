// A process of the push cluster, as a service developer writes one: join, take the configs of its role, live with them.
import { type Connection, Keeper, silentLogger } from '@keeper/sdk'

const [role = 'room', instance = 'room-1', endpoint = '127.0.0.1:7400'] = process.argv.slice(2)
const names = role === 'room' ? (['push/room', 'push/common'] as const) : (['push/common'] as const)
/** A demonstration's processes do not stay behind for ever when nobody starts the keeper again. */
const awayMaxMs = 5 * 60_000

const say = (text: string) => process.stdout.write(`  ${instance.padEnd(11)} ${text}\n`)

const keeper = await Keeper.join({
  cluster: 'push',
  role,
  instance,
  endpoints: [endpoint],
  handleSignals: true,
  // It tells of the connection itself, below.
  logger: silentLogger,
})
const configs = await Promise.all(names.map((name) => keeper.config(name)))

let leaveTimer: NodeJS.Timeout | undefined
function notice({ state, error }: Connection): void {
  clearTimeout(leaveTimer)
  if (state === 'away') {
    say(`keeper away, running on r${Math.max(...configs.map((config) => config.status.revision))}`)
    leaveTimer = setTimeout(() => process.exit(0), awayMaxMs)
  } else if (state === 'live') {
    say('keeper back')
  } else if (state === 'fenced') {
    say(`ended: ${error?.message ?? 'a newer process took its place'}`)
    process.exit(0)
  }
}
keeper.onConnection(notice)
say(names.map((name, at) => `${name} r${configs[at]?.status.revision} applied`).join(' · '))
// Started from its last good values, with no keeper there: that is no change of the connection, but just as away.
if (keeper.status.state === 'away') notice(keeper.status)
