/** `npm run porcupine -- DIR`: judges the histories of porcupine's `test_data`, and says where it differs from what is known. */

import { toolOptions, wrongUsage } from '../../harness/tool-options.js'
import { knownHistories } from './known.js'

const help = `npm run porcupine -- DIR

Judges the histories in DIR, porcupine's test_data, with the linearizability checker of the simulation. Exit 1 when one is
judged otherwise than is known of it.

Example:
  npm run porcupine -- ../porcupine/test_data`

const [folder] = toolOptions({ name: 'porcupine', help, options: {}, positionals: 1 }).positionals
if (!folder) wrongUsage('porcupine', 'name the folder of the histories')
let wrong = 0
let steps = 0
const histories = knownHistories(folder)
for (const { name, linearizable, judge } of histories) {
  const verdict = judge()
  steps += verdict.steps
  if (verdict.linearizable === linearizable) continue
  wrong++
  console.error(`${name} is ${linearizable ? '' : 'not '}linearizable, but was judged otherwise`)
}
console.log(`${histories.length - wrong} of ${histories.length} histories judged as known · ${steps} steps`)
process.exit(wrong > 0 || histories.length === 0 ? 1 : 0)
