import { editBench } from './edit.js'
import { failoverBench } from './failover.js'
import { profileTool } from './profile.js'
import { pushBench } from './push/bench.js'
import { reconnectBench } from './reconnect/bench.js'
import { slowBench } from './slow.js'
import { readsBench, writesBench } from './writes.js'

const benches: Record<string, (argv: readonly string[]) => Promise<void>> = {
  push: pushBench,
  reconnect: reconnectBench,
  edit: editBench,
  slow: slowBench,
  failover: failoverBench,
  profile: profileTool,
  writes: writesBench,
  reads: readsBench,
}

const [name = '', ...argv] = process.argv.slice(2)
const bench = benches[name]
if (!bench) {
  console.error(`npm run bench -- NAME [--help]\n\nThere are: ${Object.keys(benches).join(', ')}`)
  process.exitCode = 2
} else {
  await bench(argv)
}
