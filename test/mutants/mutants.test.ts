import { transform } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { bundle } from './bundle.js'
import { mutants } from './catalogue.js'
import { mutated, mutatedFiles } from './mutant.js'
import { run } from './run.js'

describe('each mutant', () => {
  test('has a name of its own', () => {
    const names = mutants.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z]+(?:-[a-z]+)*$/)
  })

  test.each(mutants.map((mutant) => [mutant.name, mutant] as const))('%s still fits the source', async (_, mutant) => {
    const files = mutatedFiles(mutant)
    expect(files.size).toBeGreaterThan(0)
    for (const [path, text] of files) {
      const parsing = transform(text, { loader: 'ts', sourcefile: path })
      await expect(parsing).resolves.toMatchObject({ code: expect.any(String) })
    }
    expect(mutant.noticed.length).toBeGreaterThan(0)
  })
})

describe('a patch', () => {
  const patch = { file: 'a.ts', find: 'b', replace: 'c' }

  test('replaces its text where that stands once', () => {
    expect(mutated('abc', patch)).toBe('acc')
  })

  test('whose text is not there, or twice, has rotted', () => {
    expect(() => mutated('ac', patch)).toThrow('0 times')
    expect(() => mutated('abb', patch)).toThrow('2 times')
  })
})

describe('the simulation notices', () => {
  const few = ['ack-before-quorum', 'watch-one-late', 'push-repeats-what-is-held', 'snapshot-loses-leases']

  test.each(few)('%s', { timeout: 240_000 }, async (name) => {
    const mutant = mutants.find((one) => one.name === name)
    const { failed } = await run(await bundle(mutant), 1, 60)
    expect(mutant?.noticed, failed?.message).toContain(failed?.checker)
  })
})
