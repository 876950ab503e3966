import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { gitCommitOf } from './watcher-commit.js'

const commit = '0123456789abcdef0123456789abcdef01234567'
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-git-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

test.each([
  ['a branch', { '.git/HEAD': 'ref: refs/heads/main\n', '.git/refs/heads/main': `${commit}\n` }],
  ['a detached head', { '.git/HEAD': `${commit}\n` }],
  [
    'a packed branch',
    { '.git/HEAD': 'ref: refs/heads/main\n', '.git/packed-refs': `# pack-refs\n${commit} refs/heads/main\n` },
  ],
  [
    'a linked worktree',
    {
      '.git': 'gitdir: repo/.git/worktrees/w\n',
      'repo/.git/worktrees/w/HEAD': 'ref: refs/heads/w\n',
      'repo/.git/worktrees/w/commondir': '../..\n',
      'repo/.git/refs/heads/w': `${commit}\n`,
    },
  ],
])('the commit of %s is found from a folder below', async (_what, files) => {
  await write({ ...files, 'config/push/room.yaml': '' })
  expect(await gitCommitOf(join(folder, 'config/push'))).toBe(commit)
})

test.each([
  ['a ref that leads out of the repository', { '.git/HEAD': 'ref: refs/../../secret\n', secret: commit }],
  ['a branch without a commit', { '.git/HEAD': 'ref: refs/heads/main\n' }],
  ['a HEAD of garbage', { '.git/HEAD': '\0\0' }],
  ['no HEAD', { '.git/config': '' }],
])('%s gives none', async (_what, files) => {
  await write(files)
  expect(await gitCommitOf(folder)).toBe('')
})
