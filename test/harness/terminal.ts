import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const bin = join(import.meta.dirname, '../../keeper/bin/keeper.js')

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/**
 * Runs the command line on a terminal (util-linux `script`): what it shows there, colours and all, and its exit code.
 * `typed` is typed once `prompt` has been shown.
 */
export async function onTerminal(
  args: readonly string[],
  env: Record<string, string>,
  { prompt = '', typed = '' } = {},
): Promise<{ code: number | null; shown: string }> {
  const command = [process.execPath, bin, ...args].map(quoted).join(' ')
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let shown = ''
  let waiting = prompt !== ''
  child.stdout.on('data', (chunk) => {
    shown += String(chunk)
    if (!waiting || !shown.includes(prompt)) return
    waiting = false
    child.stdin.write(typed)
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, shown: shown.replaceAll('\r\n', '\n') }
}
