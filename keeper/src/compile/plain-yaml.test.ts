import { expect, test } from 'vitest'
import { limits } from '../base/limits.js'
import { seededRandom } from '../base/random.js'
import { parseYaml } from './parse-yaml.js'
import { plainBytes } from './plain-value.js'

/** What was read without making a tree of it; undefined where it was left to the parser. */
function plainYamlValue(text: string): unknown {
  const json = plainBytes(Buffer.from(text), 'yaml')
  return json && JSON.parse(Buffer.from(json).toString())
}

/** Lines that are what they seem. */
const many = (line: string) => `${line}\n`.repeat(20)

/** As the parser of all YAML has it: who asks for places gets that one. */
const thorough = (text: string) => parseYaml(text, () => {}).value

test('lists of plain words are what the parser of all YAML makes of them', () => {
  for (const text of [
    many('- user-1@example.org/a+b.c_d'),
    many('- "a: b # c, [d] {e} 1"'),
    `users:\n${many('  - alice')}others:\n${many('- "0123"')}last:\n    - no`,
  ]) {
    expect(plainYamlValue(text)).toEqual(thorough(text))
    expect(plainYamlValue(text)).toBeDefined()
  }
})

test('whatever else stands among the lines, it is as the parser of all YAML has it, or left to it', () => {
  const random = seededRandom(3)
  const head = many('- alice')
  const odd = [
    '- ~',
    '- null',
    '- TRUE',
    '- 1',
    '- a b',
    '- a:',
    '- a: 1',
    '- a#b',
    '- a #b',
    '# a',
    '',
    ' - a',
    '-  a',
    '- a ',
  ]
  const more = [
    '- "a\\n"',
    "- 'a'",
    '- - a',
    '-',
    '- é',
    '- "é"',
    '- .inf',
    '- a\r',
    'key:',
    '---',
    '...',
    '- &a b',
    '- a-',
  ]
  const keys = ['a:', 'a:', 'b: ', '__proto__:', 'true:', 'b:', '  - x', '- x', 'c: []', '    - x', '- "x"', '']
  for (const line of [...odd, ...more, ...keys]) {
    for (const text of [`${head}${line}\n- bob\n`, `${head}${line}`, `${line}\n${head}`, `k:\n${head}${line}\n- b\n`]) {
      const plain = plainYamlValue(text)
      if (plain !== undefined) expect(plain, text.slice(-40)).toEqual(thorough(text))
    }
  }
  for (let round = 0; round < 1_000; round++) {
    const lines = Array.from({ length: 6 }, () => [...keys, ...keys, ...odd, ...more][random.below(52)] ?? '').join(
      '\n',
    )
    const text = `z:\n${head}${lines}`
    const plain = plainYamlValue(text)
    if (plain !== undefined) expect(plain, lines).toEqual(thorough(text))
  }
})

test('a key that is too long for YAML is refused as ever', () => {
  for (const chars of [1_000, 1_001, 1_024, 1_025, 2_000]) {
    const text = `${'k'.repeat(chars)}:\n${many('- a')}`
    expect(plainYamlValue(text) ?? thorough(text), String(chars)).toEqual(thorough(text))
  }
})

test('more values than a file may have are refused as ever', () => {
  expect(plainYamlValue('- a\n'.repeat(100_000))).toHaveLength(100_000)
  expect(plainYamlValue('- a\n'.repeat(limits.valuesPerFileMax))).toBeUndefined()
})
