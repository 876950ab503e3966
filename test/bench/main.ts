import { plainly, wrongUsage } from '../harness/tool-options.js'
import { compileBench } from './compile.js'
import { editBench } from './edit.js'
import { failoverBench } from './failover.js'
import { largeBench } from './large.js'
import { planBench } from './plan.js'
import { pollsBench } from './polls.js'
import { profileTool } from './profile.js'
import { pushBench } from './push/bench.js'
import { reconnectBench } from './reconnect/bench.js'
import { UsageError } from './report.js'
import { scaleBench } from './scale.js'
import { slowBench } from './slow.js'
import { readsBench, writesBench } from './writes.js'

const benches: Record<string, (argv: readonly string[]) => Promise<void>> = {
  push: pushBench,
  polls: pollsBench,
  reconnect: reconnectBench,
  compile: compileBench,
  edit: editBench,
  large: largeBench,
  plan: planBench,
  scale: scaleBench,
  slow: slowBench,
  failover: failoverBench,
  profile: profileTool,
  writes: writesBench,
  reads: readsBench,
}

const help = `npm run bench -- NAME [OPTIONS]

  writes     writes a second of three members, beside etcd and ZooKeeper
  reads      reads a second, linearizable and not, beside the same
  failover   the longest gap in writes when the leader is killed, hangs or is stopped; --calm: none without a fault
  push       fan-out of a config to real sockets, beside etcd's watch
  polls      thousands of HTTP long polls, answered by one change
  reconnect  thousands of sessions whose member dies
  compile    10,000 configs with overlays and references: all of them, and one changed file
  edit       from saving a file to the callback in a process
  large      a value of megabytes of which a line changes
  plan       a plan, an apply and its wait, with thousands of live processes
  scale      memory, restart and event-loop delay of a member full of keys, beside etcd
  slow       one subscriber that reads nothing
  profile    what takes the time in .cpuprofile files

Each has a --help of its own. Peers are those of Debian: apt-get install etcd-server zookeeper

Examples:
  npm run bench -- writes
  npm run bench -- failover --only keeper --faults kill,stop
  npm run bench -- reads --output json > reads.json`

const [name = '', ...argv] = process.argv.slice(2)
const bench = benches[name]
if (bench) {
  await bench(argv).catch(refuse)
} else {
  const isAsked = name === '--help' || name === '-h'
  if (isAsked) console.log(help)
  else wrongUsage('bench', name === '' ? `name one of ${Object.keys(benches).join(', ')}` : `no bench '${name}'`)
}

/** What was asked wrongly is told in a line; what goes wrong shows where. */
function refuse(error: unknown): void {
  const { code = '' } = error as { code?: string }
  if (!(error instanceof UsageError) && !code.startsWith('ERR_PARSE_ARGS')) throw error
  wrongUsage('bench', plainly((error as Error).message), name)
}
