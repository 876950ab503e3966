import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { YoungGeneration } from './young-generation.js'

test('it may grow under load and while something is compiled, and else not', () => {
  let load = 1
  const young = new YoungGeneration(() => load)
  expect(young.look()).toBe(true)
  load = 0.01
  expect(young.look()).toBe(false)
  young.compiling(true)
  young.compiling(true)
  expect(young.look()).toBe(true)
  young.compiling(false)
  expect(young.mayGrow).toBe(true)
  young.compiling(false)
  expect(young.mayGrow).toBe(false)
  load = 1
  expect(young.look()).toBe(true)
  young.close()
})

/** Megabytes of V8's young generation, when what was allocated of it is alive. */
const program = (load: number) => `
  import v8 from 'node:v8'
  import { YoungGeneration } from '${new URL('../../dist/base/young-generation.js', import.meta.url)}'
  new YoungGeneration(() => ${load}).look()
  const kept = Array.from({ length: 500_000 }, (_, at) => ({ at }))
  const { space_size } = v8.getHeapSpaceStatistics().find((one) => one.space_name === 'new_space')
  console.log(kept.length && space_size / 2 ** 20)`

const young = async (load: number): Promise<number> => {
  const argv = ['--max-semi-space-size=32', '--input-type=module', '--eval', program(load)]
  return Number((await promisify(execFile)(process.execPath, argv)).stdout)
}

test('what lives makes it larger under load alone', async () => {
  expect(await young(1)).toBeGreaterThanOrEqual(16)
  expect(await young(0)).toBeLessThanOrEqual(4)
})
