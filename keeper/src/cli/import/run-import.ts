import { KeeperError } from '../../base/errors.js'
import { ConfigWriter, type ImportBounds, type ImportCounts } from './config-writer.js'
import { type ImportSource, isSkipped, type Skipped } from './item.js'

export interface Imported {
  readonly counts: Readonly<ImportCounts>
  /** The first few of what was left out. */
  readonly examples: readonly Skipped[]
}

export interface ImportOptions {
  readonly out: string
  /** Takes what lies in no folder. */
  readonly cluster: string
  readonly signal: AbortSignal
  /** Of a directory; those of base/limits.ts when absent. */
  readonly bounds?: ImportBounds
  /** Called now and then. */
  progress(counts: Readonly<ImportCounts>): void
}

const progressEvery = 500

/** Writes all that `source` gives below `out`. Rejects with the source's errors, E_DATA_EXISTS; what was written stays. */
export async function runImport(source: ImportSource, options: ImportOptions): Promise<Imported> {
  try {
    const writer = await ConfigWriter.open(options.out, options.cluster, options.bounds)
    try {
      await written(source, writer, options).finally(() => writer.finish())
    } catch (thrown) {
      await writer.giveUp()
      throw thrown
    }
    return { counts: writer.counts, examples: writer.examples }
  } finally {
    source.close()
  }
}

async function written(source: ImportSource, writer: ConfigWriter, options: ImportOptions): Promise<void> {
  for await (const found of source.items()) {
    if (options.signal.aborted) throw new KeeperError('E_STOPPED', `stopped; ${options.out} holds a part`)
    if (isSkipped(found)) await writer.skip(found)
    else await writer.add(found)
    if ((writer.counts.items + writer.counts.skipped) % progressEvery === 0) options.progress(writer.counts)
  }
}
