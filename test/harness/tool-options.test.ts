import { expect, test } from 'vitest'
import { asked } from './tool-options.js'

const tool = { name: 'sim', help: 'Examples: …', options: { seeds: { type: 'string' } } } as const

test('a tool prints its help, runs with what it knows, and says in a line what it does not', () => {
  expect(asked(tool, ['--help'])).toEqual({ print: 'Examples: …', exit: 0 })
  expect(asked(tool, ['--seeds', '3'])).toMatchObject({ run: { values: { seeds: '3' } } })
  expect(asked(tool, ['--sedes', '3'])).toEqual({
    print: "Unknown option '--sedes'; see npm run sim -- --help",
    exit: 2,
  })
  expect(asked(tool, ['--seeds'])).toMatchObject({
    print: expect.stringMatching(/^Option '--seeds <value>'.*--help$/),
    exit: 2,
  })
  expect(asked(tool, ['3'])).toEqual({ print: "Unexpected argument '3'; see npm run sim -- --help", exit: 2 })
  expect(asked({ ...tool, positionals: 1 }, ['dir'])).toMatchObject({ run: { positionals: ['dir'] } })
})
