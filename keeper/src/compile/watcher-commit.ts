import { readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

const hash = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/
const refName = /^refs\/(?!.*\.\.)[\w./@+-]+$/
/** Of packed-refs; a repository with more is read no further. */
const fileCharsMax = 16 * 1024 * 1024

/**
 * The commit that is checked out where `dir` lies, 40 or 64 hex digits; empty where there is none. Reads git's own
 * files, in a linked worktree too; runs nothing. Says nothing of edits that are not committed.
 */
export async function gitCommitOf(dir: string): Promise<string> {
  for (let folder = resolve(dir); ; folder = dirname(folder)) {
    const gitDir = await gitDirIn(folder)
    if (gitDir !== undefined) return commitIn(gitDir)
    if (folder === dirname(folder)) return ''
  }
}

/** `.git` is a folder, or the file of a worktree or submodule that names one. */
async function gitDirIn(folder: string): Promise<string | undefined> {
  const path = join(folder, '.git')
  const kind = await stat(path).catch(() => undefined)
  if (!kind) return undefined
  if (kind.isDirectory()) return path
  const named = /^gitdir: (.+)$/m.exec(await textOf(path))?.[1]
  return named === undefined ? undefined : resolve(folder, named.trim())
}

async function commitIn(gitDir: string): Promise<string> {
  const head = await textOf(join(gitDir, 'HEAD'))
  if (hash.test(head)) return head
  const ref = /^ref: (.+)$/.exec(head)?.[1]?.trim() ?? ''
  if (!refName.test(ref)) return ''
  const common = await textOf(join(gitDir, 'commondir'))
  for (const folder of [gitDir, ...(common === '' ? [] : [resolve(gitDir, common)])]) {
    const loose = await textOf(join(folder, ref))
    if (hash.test(loose)) return loose
    const packed = (await textOf(join(folder, 'packed-refs'))).split('\n').find((line) => line.endsWith(` ${ref}`))
    const commit = packed?.slice(0, packed.indexOf(' ')) ?? ''
    if (hash.test(commit)) return commit
  }
  return ''
}

/** Trimmed; empty for what cannot be read, or is no text file of git's. */
async function textOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.length > fileCharsMax ? '' : text.trim()
}
