import { delimiter, dirname, join } from 'node:path'

const bin = join(import.meta.dirname, '../../keeper/bin/keeper.js')

/** How a keeper is started as its users start it, by the shell's line in front of it, on the Node that runs this; with the flags of KEEPER_NODE_FLAGS, too. */
export function asShipped(nodeFlags: readonly string[] = []): { argv: string[]; env: Record<string, string> } {
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter)
  const flags = [process.env.KEEPER_NODE_FLAGS ?? '', ...nodeFlags].join(' ')
  return { argv: [bin], env: { PATH: path, KEEPER_NODE_FLAGS: flags } }
}
