/** For tests: keys that a page cannot tell apart but by their bytes. */

import { emptyPage, writeRecord } from '../page.js'

const NOTHING = Buffer.alloc(0)

/** So many keys, in order, whose slots are equal where each is alone in a page: they have one hash. */
export function keysOfOneHash(count: number): string[] {
  const page = emptyPage(1)
  const slotAlone = (key: string): number => {
    page.slots = []
    page.used = 1
    writeRecord(page, 0, false, Buffer.from(key, 'latin1'), NOTHING, 0)
    return page.slots[0] as number
  }
  const wanted = slotAlone('same-0')
  const keys: string[] = []
  for (let at = 0; keys.length < count; at++) if (slotAlone(`same-${at}`) === wanted) keys.push(`same-${at}`)
  return keys.sort()
}
