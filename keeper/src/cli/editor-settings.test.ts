import { expect, test } from 'vitest'
import { mergeSettings } from './editor-settings.js'

const room = [{ url: '.vscode/keeper/config/push/room.schema.json', stem: 'config/push/room' }]

test('settings keep what they have: other keys, other schemas, comments and their places', () => {
  const text = `{
  // ours
  "editor.tabSize": 2, // two
  "json.schemas": [{ "fileMatch": ["/a.json"], "url": "./a.schema.json" }],
  "files.exclude": { "**/dist": true, },
}
`
  const merged = mergeSettings(text, '.vscode/keeper/config', room)
  for (const part of ['// ours', '"editor.tabSize": 2, // two', '"url": "./a.schema.json"', '"**/dist": true'])
    expect(merged).toContain(part)
  expect(merged).toContain('"/config/push/room.json"')
  expect(merged).toContain('"./.vscode/keeper/config/push/room.schema.json": [')
  expect(mergeSettings(merged ?? '', '.vscode/keeper/config', room)).toBe(merged)
})

test('what an earlier export said of configs that are no more goes; other directories stay', () => {
  const before = mergeSettings('', '.vscode/keeper/config', [
    ...room,
    { url: '.vscode/keeper/config/push/old.schema.json', stem: 'config/push/old' },
  ])
  const other = mergeSettings(before ?? '', '.vscode/keeper/other', [
    { url: '.vscode/keeper/other/a/b.schema.json', stem: 'other/a/b' },
  ])
  const after = mergeSettings(other ?? '', '.vscode/keeper/config', room) ?? ''
  expect(after).not.toContain('push/old')
  expect(Object.keys(JSON.parse(after)['yaml.schemas']).sort()).toEqual([
    './.vscode/keeper/config/push/room.schema.json',
    './.vscode/keeper/other/a/b.schema.json',
  ])
})

test('settings that are no JSON object are not touched', () => {
  expect(mergeSettings('[1]', 'x', room)).toBeUndefined()
  expect(mergeSettings('{"a": ', 'x', room)).toBeUndefined()
})
