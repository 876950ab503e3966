/** `npm run porcupine -- DIR`: judges the histories of porcupine's `test_data`, and says where it differs from what is known. */

import { knownHistories } from './known.js'

const folder = process.argv[2]
if (!folder) {
  console.error('which folder? npm run porcupine -- ../shared/conformance/porcupine/test_data')
  process.exit(2)
}
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
