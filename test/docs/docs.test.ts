import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isCommand, leftTo, readBlocks, type Step, stepsOf } from './blocks.js'
import { comes, isShown } from './compare.js'
import { Follower } from './follower.js'

const root = join(import.meta.dirname, '../..')
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith('.md') && !['docs/errors.md', 'docs/cli.md'].includes(name),
)
const textOf = (page: string) => readFileSync(join(root, page), 'utf8')

describe.each(pages)('%s', (page) => {
  const steps = stepsOf(textOf(page))

  test('has no command that no test runs', () => {
    const text = textOf(page)
    const left = readBlocks(text).flatMap((block) => leftTo(block) ?? [])
    expect(
      left.filter((file) => !existsSync(join(root, file))),
      'name the test that runs it',
    ).toEqual([])
    const indented = text.split('\n').filter((line) => /^ {4}(?:\$ )?(?:npx |npm |keeper |curl )/.test(line))
    expect(indented, 'put commands into a fenced block, so that they are run').toEqual([])
  })

  test('links to nothing that is not there', () => {
    const links = [...textOf(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link)
    const gone = links.filter((link) => !/^https?:/.test(link) && !existsSync(join(root, page, '..', link)))
    expect(gone).toEqual([])
  })

  test.skipIf(steps.length === 0)('does what it says', { timeout: 120_000 }, async () => {
    const follower = await Follower.begin()
    try {
      for (const step of steps) await follower.follow(step)
    } finally {
      await follower.close()
    }
  })
})

describe('the follower of pages', () => {
  let follower: Follower
  beforeAll(async () => {
    follower = await Follower.begin()
  })
  afterAll(() => follower.close())
  const follow = async (page: string) => {
    for (const step of stepsOf(page)) await follower.follow(step)
  }
  const console_ = (text: string, info = '') => `\`\`\`console ${info}\n${text}\n\`\`\`\n`

  test('saves files, runs commands in order, and sees what they print', async () => {
    await follow(
      `\`\`\`yaml a/b.yaml\nx: 1\n\`\`\`\n${console_('$ cat a/b.yaml\nx: 1\n$ echo r12 done; \\\n  echo two\nr7 done\n…')}`,
    )
  })

  test('finds another output, another exit code, and what never comes', async () => {
    await expect(follow(console_('$ echo one\ntwo'))).rejects.toThrow(/the page shows ---\ntwo/)
    await expect(follow(console_('$ exit 3'))).rejects.toThrow(/the page says exit 0/)
    await follow(console_('$ exit 3', 'exit=3'))
    await expect(follow(console_('more', 'terminal=none'))).rejects.toThrow('nothing runs in terminal none')
  })

  test('watches a terminal while other commands run, and ends it by Ctrl-C', async () => {
    const start = console_('$ tail -F news 2> gone\n', 'terminal=one')
    await follow(`${start}${console_('$ echo hello > news')}${console_('hello\n^C', 'terminal=one')}`)
  })

  test('knows a block that belongs to no file and is no command', () => {
    const steps: Step[] = stepsOf('```ts\nconst a = 1\n```\n```sh test=test/x.test.ts\nnpm start\n```\n')
    expect(steps).toEqual([])
    expect(readBlocks('```sh\nls\n```').every(isCommand)).toBe(true)
  })

  test('takes revisions, times and authors for equal, and nothing else', () => {
    expect(isShown('r5 room  applied in 20 ms by ann@laptop', 'r123 room applied in 7 ms by root@vm')).toBe(true)
    expect(isShown('a\n…\nz', 'a\nb\nc\nz')).toBe(true)
    expect(isShown('a … z', 'a b z')).toBe(true)
    expect(isShown('max 1', 'max 2')).toBe(false)
    expect(isShown('a', 'a\nb')).toBe(false)
    expect(comes('b\nd', 'a\nb\nc\nd')).toBe(true)
    expect(comes('d\nb', 'a\nb\nc\nd')).toBe(false)
  })
})
