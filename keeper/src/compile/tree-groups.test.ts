import { expect, test } from 'vitest'
import { seededRandom } from '../base/random.js'
import { groupFiles } from './group.js'
import { TreeGroups } from './tree-groups.js'
import type { SourceFile } from './types.js'

const names = ['push/room', 'push/Room', 'push/gate', 'push/a/deep', 'Push/a/deep', 'pull/room', '_shared/x']
const endings = ['.yaml', '.json', '.properties', '@zone=bj.yaml', '@track=a.yaml', '.overlays.yaml', '.schema.json']
const paths = [
  ...names.flatMap((name) => endings.map((ending) => `${name}${ending}`)),
  ...['_keeper/settings.yaml', '_keeper/tests/a.yaml', 'push/notes.txt', '.hidden/a.yaml', 'push/a.yaml/b.yaml'],
]
const isFlat = (name: string) => name === 'push/gate'

test('tree after tree is sorted as it would be from the start, whatever came, changed and went', () => {
  const random = seededRandom(5)
  const groups = new TreeGroups()
  const files = new Map<string, SourceFile>()
  for (let step = 0; step < 1_500; step++) {
    for (let edits = random.below(3); edits >= 0; edits--) {
      // now and then the names that differ by case are left out for a while
      const some = step % 300 < 200 ? paths.filter((path) => !/Room|^Push/.test(path)) : paths
      const path = some[random.below(some.length)] as string
      if (random.below(3) === 0) files.delete(path)
      else files.set(path, { path, bytes: Buffer.from([step % 256]) })
    }
    if (step % 300 === 0) for (const path of files.keys()) if (/Room|^Push/.test(path)) files.delete(path)
    const tree = [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
    const anew = groupFiles(tree, isFlat)
    const { groups: sorted, findings, names: told } = groups.update(tree, ['push/gate'])
    expect({ groups: sorted, findings }, `step ${step}`).toEqual(anew)
    expect(told).toEqual(sorted.map(({ name }) => name))
  }
})

test('groups of files that did not change stay the same objects, and so do the names', () => {
  const groups = new TreeGroups()
  const file = (path: string, text = '') => ({ path, bytes: Buffer.from(text) })
  const [a, b] = [file('push/a.yaml'), file('push/b.yaml')]
  const first = groups.update([a, b], [])
  const changed = groups.update([a, file('push/b.yaml', 'x')], [])
  expect(changed.groups[0]).toBe(first.groups[0])
  expect(changed.names).toBe(first.names)
  const more = groups.update([a, changed.groups[1]?.bases[0]?.file as SourceFile, file('push/c.yaml')], [])
  expect(more.groups.slice(0, 2)).toEqual(changed.groups)
  expect(more.groups[0]).toBe(first.groups[0])
})
