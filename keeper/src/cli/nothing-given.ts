import type { Command } from 'commander'
import { KeeperError } from '../base/errors.js'

/** Where nothing says something: the whole value, every key, a value without a byte. */
const mayBeNothing = new Set(['get --path', 'kv put', 'kv get', 'kv del', 'kv watch'])

/**
 * An option or an argument that is given as nothing, or as blanks, is a variable of a script that was never set: it is
 * neither the default nor the folder one stands in. Throws E_INVALID_ARGUMENT.
 */
export function refuseNothing(command: Command): void {
  for (let of: Command | null = command; of; of = of.parent) refuseOptions(of, command)
  if (mayBeNothing.has(nameOf(command))) return
  command.registeredArguments.forEach((argument, at) => {
    if (!argument.variadic && isNothing(command.args[at])) throw nothing(`<${argument.name()}>`, argument.required)
  })
}

function refuseOptions(of: Command, command: Command): void {
  for (const option of of.options) {
    const key = option.attributeName()
    const flag = option.long ?? option.flags
    if (of.getOptionValueSource(key) !== 'cli' || mayBeNothing.has(`${nameOf(command)} ${flag}`)) continue
    if ([of.getOptionValue(key)].flat().some(isNothing)) throw nothing(flag, option.mandatory)
  }
}

const isNothing = (given: unknown): boolean => typeof given === 'string' && given.trim() === ''

/** Below `keeper`: `kv put`. */
function nameOf(command: Command): string {
  const above = command.parent
  return above?.parent ? `${nameOf(above)} ${command.name()}` : command.name()
}

const nothing = (what: string, isNeeded: boolean): KeeperError =>
  new KeeperError('E_INVALID_ARGUMENT', `${what} is empty: give it a value${isNeeded ? '' : ', or leave it out'}`)
