import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** A lock older than this was left behind by a git that died. */
const staleLockMs = 60_000

/** Is git changing the working tree that `dir` lies in? It holds `.git/index.lock` for as long as a checkout takes. */
export async function isGitBusy(dir: string): Promise<boolean> {
  for (let folder = dir; ; folder = dirname(folder)) {
    const age = await ageMs(join(folder, '.git', 'index.lock'))
    if (age !== undefined) return age < staleLockMs
    if (folder === dirname(folder)) return false
  }
}

const ageMs = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => undefined,
  )
