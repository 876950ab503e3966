import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createProgram } from './program.js'
import { cliReference } from './reference.js'

test('docs/cli.md is what the command line says of itself', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/cli.md'), 'utf8')
  expect(page === (await cliReference()), 'stale: npm run docs').toBe(true)
})

test('every command has a description and examples, its own or those of the command that it stands below', async () => {
  const sections = (await cliReference()).split('\n## ').slice(1, -1)
  const nameOf = (section: string) => section.split('\n', 1)[0] ?? ''
  const shown = sections.filter((section) => /^Examples?:/m.test(section)).map(nameOf)
  const commands = sections.filter((section) => !section.includes('\nCommands:\n')).map(nameOf)
  expect(commands.filter((name) => !shown.some((one) => name === one || name.startsWith(`${one} `)))).toEqual([])
  expect((await createProgram({})).commands.every((command) => command.description() !== '')).toBe(true)
})
