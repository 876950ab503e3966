/** So many bytes of a value are made once more, at most, to get at those that are wanted. */
const BYTES_BETWEEN = 16 * 1024

/** Places at which the making of a value can go on, in columns: one in each `BYTES_BETWEEN` of it. */
export class Marks {
  readonly lists: number[]
  readonly files: number[]
  readonly written: number[]

  constructor(
    { lists, files, written }: Pick<Marks, 'lists' | 'files' | 'written'> = { lists: [], files: [], written: [] },
  ) {
    this.lists = lists
    this.files = files
    this.written = written
  }

  /** `list`: which one of the value's; `written`: how many of its bytes stand before what stands at `file` in the file. */
  note(list: number, file: number, written: number): void {
    if (written - (this.written.at(-1) ?? 0) < BYTES_BETWEEN) return
    this.lists.push(list)
    this.files.push(file)
    this.written.push(written)
  }

  /** The last one that is not behind byte `at` of the value. */
  before(at: number): { readonly list: number; readonly file: number; readonly written: number } | undefined {
    let [low, high] = [0, this.written.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.written[middle] as number) <= at) low = middle + 1
      else high = middle
    }
    const [list, file, written] = [this.lists[low - 1], this.files[low - 1], this.written[low - 1]]
    return list === undefined || file === undefined || written === undefined ? undefined : { list, file, written }
  }
}
