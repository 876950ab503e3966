import type { Command } from 'commander'

const exitCodes = new WeakMap<Command, number>()

/** Notes with which code a command that ran asks the process to exit. */
export function exitWith(command: Command, code: number): void {
  let root = command
  while (root.parent) root = root.parent
  exitCodes.set(root, code)
}

/** The code the command that ran asks the process to exit with. */
export const exitCodeOf = (root: Command): number => exitCodes.get(root) ?? 0
