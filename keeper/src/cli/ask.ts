import { createInterface } from 'node:readline/promises'

/** Asks a person at the terminal; anything but a plain yes is a no, and so is Ctrl-C or Ctrl-D. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
  terminal.on('SIGINT', () => terminal.close())
  try {
    const answer = await Promise.race([terminal.question(`${question} [y/N] `), ended])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}
