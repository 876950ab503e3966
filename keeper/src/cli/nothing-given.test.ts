import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { loadCommands } from './commands.js'
import { createProgram } from './program.js'

/** What the command line says of these arguments; `runs` when they reach the command. */
async function said(...args: string[]): Promise<string> {
  const program = await createProgram({})
  for (const command of below(program)) command.action(() => {}).configureOutput({ writeErr: () => {} })
  return program.parseAsync(args, { from: 'user' }).then(
    () => 'runs',
    (error) => `${error.code}: ${error.message}`,
  )
}

const below = (command: Command): Command[] => command.commands.flatMap((one) => [one, ...below(one)])

test('an option or an argument that is nothing is refused by its name: it is not the default', async () => {
  expect(await said('edit', 'push/room', '--reason', '')).toBe('E_INVALID_ARGUMENT: --reason is empty: give it a value')
  expect(await said('undo', '--reason', ' ')).toBe(
    'E_INVALID_ARGUMENT: --reason is empty: give it a value, or leave it out',
  )
  expect(await said('apply', '')).toBe('E_INVALID_ARGUMENT: <dir> is empty: give it a value')
  expect(await said('undo', '')).toContain('<changeset> is empty')
  expect(await said('apply', './config', '--release', 'push/room', '--release', '')).toContain('--release is empty')
  expect(await said('secret', 'put', 'a', '--from-file', '')).toContain('--from-file is empty')
  expect(await said('--namespace', '', 'status')).toContain('--namespace is empty')
})

test('where nothing says something, it is taken', async () => {
  expect(await said('kv', 'put', 'key', '')).toBe('runs')
  expect(await said('kv', 'get', '', '--prefix')).toBe('runs')
  expect(await said('get', 'push/room', '--path', '')).toBe('runs')
  expect(await said('exec', '--render', 'a=b', '--', 'printf', '')).toBe('runs')
})

test('every option that takes text refuses nothing, but for those few', async () => {
  const taken: string[] = []
  for (const command of (await loadCommands()).flatMap((one) => [one, ...below(one)])) {
    if (command.commands.length > 0) continue
    const path = [command.parent?.name(), command.name()].filter((name) => name !== undefined && name !== 'keeper')
    const args = command.registeredArguments.map((argument) => argument.argChoices?.[0] ?? 'x')
    for (const option of command.options.filter(({ required, parseArg }) => required && !parseArg)) {
      const others = command.options.filter((one) => one.mandatory && one !== option)
      const needed = others.flatMap((one) => [one.long ?? '', 'x'])
      const answer = await said(...(path as string[]), ...needed, option.long ?? option.short ?? '', '', ...args)
      if (!/is empty|is invalid/.test(answer)) taken.push(`${path.join(' ')} ${option.flags}: ${answer}`)
    }
  }
  expect(taken).toEqual(['get --path <pointer>: runs'])
})
