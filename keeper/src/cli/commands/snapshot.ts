import { access, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { SnapshotPiece__Output } from '@keeper/proto'
import { Command } from 'commander'
import { KeeperError } from '../../base/errors.js'
import { parseCluster } from '../arguments.js'
import { type Context, withContext } from '../context.js'
import type { Output } from '../output.js'

/** `keeper snapshot …`: all state as a file, and back. */
export const snapshotCommand = (): Command =>
  new Command('snapshot')
    .description('all state as a file: save, look at, restore')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper snapshot save keeper.snapshot\n  keeper snapshot restore keeper.snapshot --data-dir ./data',
    )
    .addCommand(saveCommand())
    .addCommand(statusCommand())
    .addCommand(restoreCommand())

function saveCommand(): Command {
  return new Command('save')
    .argument('<file>', 'to write; must not be there')
    .description('write all that the cluster has acknowledged to a file, while it runs')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper snapshot save keeper-2026-11-25.snapshot\n  keeper snapshot save /backup/now --endpoints 10.0.0.2:7400',
    )
    .action(withContext<object, [string]>(async (context, [file]) => save(context, file)))
}

function statusCommand(): Command {
  return new Command('status')
    .argument('<file>', 'a snapshot')
    .description('what a snapshot file holds; checks every sum in it')
    .addHelpText('after', '\nExamples:\n  keeper snapshot status keeper.snapshot --output json')
    .action(
      withContext<object, [string]>(async ({ output }, [file]) => {
        const { examineSnapshot } = await import('../../main.js')
        const found = await examineSnapshot(file, (count, of) => output.progress(`${count} of ${of} records`))
        if (output.json) output.value(found)
        else
          output.line(
            `${file} · whole · cluster ${found.clusterId} epoch ${found.storeEpoch} · r${found.systemRevision}, keys r${found.userRevision} · ` +
              `entry ${found.index} of term ${found.term} · ${found.records} records · by ${found.memberName} ${found.version} at ${new Date(found.wallMs).toISOString()}`,
          )
        return 0
      }),
    )
}

interface RestoreFlags {
  dataDir: string
  name: string
  initialCluster?: string
  epoch?: string
}

function restoreCommand(): Command {
  return new Command('restore')
    .argument('<file>', 'a snapshot')
    .description('make the data folder of a new cluster from a snapshot; nothing of it may run')
    .requiredOption('--data-dir <dir>', 'to make; must not be there, or be empty')
    .option('--name <name>', 'this member’s name', 'n1')
    .option('--initial-cluster <name=host:port,…>', 'all members of the new cluster; give the same to each restore')
    .option('--epoch <n>', 'of the new cluster, the same on each; needed when the file was restored before')
    .addHelpText(
      'after',
      '\nExamples:\n  keeper snapshot restore keeper.snapshot --data-dir ./data --name n1\n  keeper snapshot restore keeper.snapshot --data-dir ./data --epoch 3\n  keeper snapshot restore keeper.snapshot --data-dir ./data --name n2 --initial-cluster n1=10.0.0.1:7401,n2=10.0.0.2:7401,n3=10.0.0.3:7401\n\nThe cluster gets a new id and the next epoch: clients take its values as new, whatever they saw before.\nIf a cluster of this file, or of a survivor (recover-quorum), has run already, give an --epoch above that one’s\n(keeper status shows it).',
    )
    .action(
      withContext<RestoreFlags, [string]>(async ({ output }, [file], { dataDir, name, initialCluster, epoch }) => {
        const { restoreSnapshot } = await import('../../main.js')
        const seats = initialCluster === undefined ? [] : parseCluster(initialCluster)
        const onProgress = (count: number, of: number) => output.progress(`${count} of ${of} records`)
        const options = { file, dataDir, name, seats, onProgress, ...(epoch !== undefined && { epoch: Number(epoch) }) }
        const { clusterId, storeEpoch, header } = await restoreSnapshot(options)
        if (output.json) output.value({ dataDir, name, clusterId, storeEpoch, userRevision: header.userRevision })
        else
          output.line(
            `${dataDir} is ${name} of the new cluster ${clusterId}, epoch ${storeEpoch} · start it: keeper serve --name ${name} --data-dir ${dataDir}`,
          )
        return 0
      }),
    )
}

async function save({ client, output, signal }: Context, file: string): Promise<number> {
  if (await isThere(file)) throw new KeeperError('E_DATA_EXISTS', `${file} is there already`)
  const call = await client.watch<SnapshotPiece__Output>('snapshots', 'Save', {})
  const cancel = () => call.cancel()
  signal.addEventListener('abort', cancel)
  const partial = `${file}.tmp`
  try {
    const { bytes, records } = await writePieces(partial, call, output)
    if (signal.aborted) throw new KeeperError('E_TIMEOUT', 'stopped before the snapshot was whole')
    // what is renamed into place is whole: it was read again
    const { examineSnapshot } = await import('../../main.js')
    const { systemRevision, userRevision } = await examineSnapshot(partial)
    await rename(partial, file)
    await syncFolder(dirname(file))
    if (output.json) output.value({ file, bytes, records, systemRevision, userRevision })
    else output.line(`${file} · ${records} records, ${bytes} bytes · r${systemRevision}, keys r${userRevision}`)
    return 0
  } catch (thrown) {
    await rm(partial, { force: true })
    throw thrown
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

async function writePieces(partial: string, pieces: AsyncIterable<SnapshotPiece__Output>, output: Output) {
  const handle = await open(partial, 'w', 0o600)
  let [bytes, records, total] = [0, 0, 0]
  try {
    for await (const piece of pieces) {
      await handle.writeFile(piece.bytes)
      bytes += piece.bytes.length
      records = Number(piece.records)
      total = Math.max(total, Number(piece.recordsTotal))
      output.progress(`${records} of ${total} records`)
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  return { bytes, records }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  await handle.sync().finally(() => handle.close())
}
