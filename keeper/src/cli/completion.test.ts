import { execFileSync, spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { completionScript, type Shell } from './completion.js'
import { createProgram } from './program.js'

const program = await createProgram()

/** What bash would offer for the line `text`, the cursor at its end. */
function offered(text: string): string[] {
  const script = completionScript(program, 'bash')
  const words = text.split(' ')
  const run = `${script}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _keeper
printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['--norc', '-c', run], { cwd: '/', encoding: 'utf8' }).split('\n').filter(Boolean)
}

test('bash completes commands, those below them, options, and their choices', () => {
  expect(offered('keeper sec')).toEqual(['secret'])
  expect(offered('keeper secret r')).toEqual(['rotate', 'rm'])
  expect(offered('keeper --output json secret r')).toEqual(['rotate', 'rm'])
  expect(offered('keeper secret put name --from')).toEqual(['--from-file'])
  expect(offered('keeper types config --lang ')).toEqual(['ts', 'go'])
  expect(offered('keeper get push/room --output ')).toEqual(['text', 'json'])
  expect(offered('keeper check us')).toEqual(['usr'])
  expect(offered('keeper serve --data-dir us')).toEqual(['usr'])
})

test.each(['zsh', 'fish'] as const)(
  '%s takes its script without a complaint, where it is installed',
  (shell: Shell) => {
    const script = completionScript(program, shell)
    expect(script).toContain('keeper')
    const { error, status, stderr } = spawnSync(shell, ['--no-execute', '-c', script], { encoding: 'utf8' })
    if (!error) expect([status, stderr]).toEqual([0, ''])
  },
)
