import type { Node, Pair } from 'dot-properties'
import type { OnPlace } from './finding.js'
import { properties } from './libraries.js'
import type { Parsed } from './parse-json.js'
import { TextTree } from './text-tree.js'

const isPair = (node: Required<Node>): node is Required<Pair> => node.type === 'PAIR'

const read =
  (pathOf: (key: string) => readonly string[]) =>
  (text: string, onPlace?: OnPlace): Parsed => {
    const tree = new TextTree(onPlace)
    for (const node of properties().parseLines(text, true)) {
      if (!isPair(node)) continue
      const [key = 0, , value = 0] = node.range
      const path = pathOf(node.key)
      if (path.includes('')) tree.say('text/key', key, `no key: ${JSON.stringify(node.key)} has an empty part`)
      else tree.put(path, node.value, key, value)
    }
    return tree.parsed
  }

/** Java's .properties, in UTF-8; every dot of a key begins a level. Values are text, for a schema to type. */
export const parseProperties = read((key) => key.split('.'))

/** The same, with keys as they stand. */
export const parseFlatProperties = read((key) => [key])
