import { execFile } from 'node:child_process'
import { author } from './arguments.js'

/** Who acts, for the history: KEEPER_AUTHOR, else who git says works in `dir`, else the user of this machine. */
export async function who(dir = '.'): Promise<string> {
  const { KEEPER_AUTHOR } = process.env
  if (KEEPER_AUTHOR) return KEEPER_AUTHOR
  const [name, email] = await Promise.all(['user.name', 'user.email'].map((key) => git(dir, 'config', key)))
  return name && email ? `${name} <${email}>` : name || email || author()
}

/** The commit that `dir` is at; with `+` when files of it differ from the commit; empty outside a repository. */
export async function commitOf(dir: string): Promise<string> {
  const commit = await git(dir, 'rev-parse', '--short=12', 'HEAD')
  if (commit === '') return ''
  const changes = await git(dir, 'status', '--porcelain', '--', '.')
  return changes === '' ? commit : `${commit}+`
}

const PATIENCE_MS = 2_000

/** What git prints, trimmed; empty when it fails, is not there or takes too long. No hook or monitor is run for it. */
function git(dir: string, ...args: string[]): Promise<string> {
  const quiet = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', '--no-optional-locks']
  const options = { cwd: dir, timeout: PATIENCE_MS, maxBuffer: 1024 * 1024 }
  return new Promise((resolve) => {
    execFile('git', [...quiet, ...args], options, (error, stdout) => resolve(error ? '' : stdout.trim()))
  })
}
