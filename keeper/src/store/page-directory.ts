/** Which page holds a key. Two levels, so that a split moves few pointers; one short text per page is all it compares. */

import { emptyPage, keyText, keyView, type Page } from './page.js'

const GROUP_PAGES_MAX = 256

interface Group {
  readonly pages: Page[]
  /** Per page, as `keyText`: > every key of the page before, ≤ every key in it (but for the very first page). */
  readonly fences: string[]
}

/** Where a page stands; good until the next insert or removal. */
export interface Place {
  readonly group: number
  readonly page: number
}

export class PageDirectory {
  #groups: Group[] = []
  /** The first fence of each group. */
  #groupFences: string[] = []
  #lastKey: Uint8Array | undefined
  #lastPlace: Place = { group: 0, page: 0 }

  get empty(): boolean {
    return this.#groups.length === 0
  }

  /** The last page whose fence is ≤ `key`, or the very first. Not for an empty directory. */
  locate(key: Uint8Array): Place {
    const text = keyText(key)
    const group = lastAtMost(this.#groupFences, text)
    this.#lastPlace = { group, page: lastAtMost((this.#groups[group] as Group).fences, text) }
    this.#lastKey = key
    return this.#lastPlace
  }

  /** As `locate`, free of cost behind a `locate` of the very same key object. */
  locateAgain(key: Uint8Array): Place {
    return key === this.#lastKey ? this.#lastPlace : this.locate(key)
  }

  at(place: Place): Page {
    return (this.#groups[place.group] as Group).pages[place.page] as Page
  }

  /** The pages beside; undefined at the ends of a group, too: good enough for joining small pages. */
  neighbours({ group, page }: Place): { readonly left: Page | undefined; readonly right: Page | undefined } {
    const { pages } = this.#groups[group] as Group
    return { left: pages[page - 1], right: pages[page + 1] }
  }

  /** The page before the one at `place`; undefined at the very first. */
  before({ group, page }: Place): Page | undefined {
    return page > 0 ? this.#groups[group]?.pages[page - 1] : this.#groups[group - 1]?.pages.at(-1)
  }

  /** Calls `visit` for each page from `from` on, in order, until it gives false. */
  visit(from: Place, visit: (page: Page) => boolean): void {
    for (let g = from.group; g < this.#groups.length; g++) {
      const { pages } = this.#groups[g] as Group
      for (let p = g === from.group ? from.page : 0; p < pages.length; p++) if (!visit(pages[p] as Page)) return
    }
  }

  /** The first page of an empty directory. */
  begin(id: number): Place {
    this.#insertGroup(0, { pages: [emptyPage(id)], fences: [''] })
    return { group: 0, page: 0 }
  }

  /** Puts a page, which has records, behind the one at `place`. */
  insertBehind({ group, page }: Place, next: Page): void {
    this.#lastKey = undefined
    const { pages, fences } = this.#groups[group] as Group
    pages.splice(page + 1, 0, next)
    fences.splice(page + 1, 0, keyText(keyView(next, 0)))
    const half = pages.length >>> 1
    if (pages.length > GROUP_PAGES_MAX)
      this.#insertGroup(group + 1, { pages: pages.splice(half), fences: fences.splice(half) })
  }

  remove({ group, page }: Place): void {
    this.#lastKey = undefined
    const { pages, fences } = this.#groups[group] as Group
    pages.splice(page, 1)
    fences.splice(page, 1)
    if (pages.length > 0) {
      this.#groupFences[group] = fences[0] as string
      return
    }
    this.#groups.splice(group, 1)
    this.#groupFences.splice(group, 1)
  }

  /** Fills an empty directory with pages in order. */
  fill(sorted: readonly Page[]): void {
    for (let at = 0; at < sorted.length; at += GROUP_PAGES_MAX / 2) {
      const pages = sorted.slice(at, at + GROUP_PAGES_MAX / 2)
      this.#insertGroup(this.#groups.length, { pages, fences: pages.map((page) => keyText(keyView(page, 0))) })
    }
  }

  #insertGroup(at: number, group: Group): void {
    this.#groups.splice(at, 0, group)
    this.#groupFences.splice(at, 0, group.fences[0] as string)
  }
}

/** The last fence ≤ `text`; 0 when there is none. */
function lastAtMost(fences: readonly string[], text: string): number {
  let low = 1
  let high = fences.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((fences[middle] as string) <= text) low = middle + 1
    else high = middle
  }
  return low - 1
}
