import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { asKeeperError, errorKinds, KeeperError } from './errors.js'

const page = readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8')

test('docs/errors.md lists every code with its status, exit code and remedy, and no other', () => {
  const rows = Object.entries(errorKinds).map(
    ([code, kind]) => `| \`${code}\` | ${kind.grpc} | ${kind.exit} | ${kind.retry ? 'yes' : 'no'} | ${kind.fix} |`,
  )
  expect(page.split('\n').filter((line) => line.startsWith('| `E_'))).toEqual(rows)
})

test('a thrown string, or an error without a code, becomes E_INTERNAL with its cause kept', () => {
  const cause = new TypeError('x is undefined')
  expect(asKeeperError(cause)).toMatchObject({ code: 'E_INTERNAL', cause })
  expect(asKeeperError('boom').message).toBe('boom')
  const typed = new KeeperError('E_HELD', 'held')
  expect(asKeeperError(typed)).toBe(typed)
})
