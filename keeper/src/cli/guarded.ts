import type { Command } from 'commander'
import { parseShare } from './arguments.js'

export interface GuardOptions {
  maxAffected?: string
}

/** Adds the guard of a change. */
export const guardOption = (command: Command): Command =>
  command.option(
    '--max-affected <share>',
    'park it when more than this share of the live processes is reached (default: 100%)',
  )

/** A share of 1; undefined: not given. Throws E_INVALID_ARGUMENT. */
export const maxAffectedOf = ({ maxAffected }: GuardOptions): number | undefined =>
  maxAffected === undefined ? undefined : parseShare('--max-affected', maxAffected)
