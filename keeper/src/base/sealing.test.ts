import { expect, test } from 'vitest'
import { systemRandom } from './random.js'
import { newSealingKey, readSealingKeys } from './sealing.js'

const plain = Buffer.from('hunter2')
const one = newSealingKey(systemRandom)
const two = newSealingKey(systemRandom)
const keys = (text: string) => readSealingKeys(text, systemRandom)
const code = (code: string) => expect.objectContaining({ code })

test('what is sealed opens under its key and context, and is another text each time', () => {
  const sealed = keys(one).seal(plain, 'secret default/redis')
  expect(Buffer.from(keys(one).open(sealed, 'secret default/redis'))).toEqual(plain)
  expect(JSON.stringify(sealed)).not.toContain(plain.toString('base64').slice(0, 8))
  expect(keys(one).seal(plain, 'secret default/redis').bytes).not.toBe(sealed.bytes)
  expect(() => keys(one).open(sealed, 'secret default/other')).toThrow(code('E_CORRUPT'))
  expect(() => keys(two).open(sealed, 'secret default/redis')).toThrow(code('E_SECRET_KEY'))
})

test('a changed byte does not open', () => {
  const sealed = keys(one).seal(plain, 'c')
  const bytes = Buffer.from(sealed.bytes, 'base64')
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(() => keys(one).open({ ...sealed, bytes: changed.toString('base64') }, 'c')).toThrow(code('E_CORRUPT'))
  }
  expect(() => keys(one).open({ ...sealed, bytes: 'AA' }, 'c')).toThrow(code('E_CORRUPT'))
  expect(() => keys(one).open({ ...sealed, nonce: '' }, 'c')).toThrow(code('E_CORRUPT'))
})

test('the first key seals and all open, so that a key can be replaced', () => {
  const old = keys(one).seal(plain, 'c')
  const both = keys(`# new\n${two}\n${one} # old\n`)
  expect(Buffer.from(both.open(old, 'c'))).toEqual(plain)
  const fresh = both.seal(plain, 'c')
  expect(fresh.key).toBe(both.sealsWith)
  expect(Buffer.from(keys(two).open(fresh, 'c'))).toEqual(plain)
})

test('no key, or one of another length, is refused', () => {
  for (const text of ['', '# nothing', 'c2hvcnQ=', `${one}\nc2hvcnQ=`])
    expect(() => keys(text)).toThrow(code('E_SECRET_KEY'))
})
