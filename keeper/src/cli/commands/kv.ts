import type {
  KeyValue__Output,
  KvTxnResponse__Output,
  KvWatchResponse__Output,
  RangeResponse__Output,
} from '@keeper/proto'
import { Command } from 'commander'
import { KeeperError } from '../../base/errors.js'
import { withContext } from '../context.js'
import type { Output } from '../output.js'

interface RangeOptions {
  prefix?: boolean
  limit?: string
  keysOnly?: boolean
  revision?: string
}

interface WatchOptions extends RangeOptions {
  epoch?: string
}

/** `keeper kv`: the users' own keys, etcd's model. */
export function kvCommand(): Command {
  const kv = new Command('kv').description('your own keys, beside the configs: etcd’s model')
  for (const command of [putCommand(), getCommand(), deleteCommand(), watchCommand()]) kv.addCommand(command)
  return kv.addHelpText(
    'after',
    '\nExamples:\n  keeper kv put job/leader node-3\n  keeper kv get job/ --prefix\n  keeper kv watch job/ --prefix',
  )
}

function putCommand(): Command {
  return new Command('put')
    .description('set a key')
    .argument('<key>')
    .argument('<value>')
    .action(
      withContext<object, [string, string]>(async ({ client, output }, [key, value]) => {
        const txn = { success: [{ put: { key: Buffer.from(key), value: Buffer.from(value) } }] }
        const { revision } = await client.call<KvTxnResponse__Output>('kv', 'Txn', { txn })
        if (output.json) output.value({ key, revision: Number(revision) })
        else output.line(`r${revision}`)
        return 0
      }),
    )
}

function getCommand(): Command {
  return new Command('get')
    .description('print a key’s value, or all keys with a prefix')
    .argument('<key>')
    .option('--prefix', 'all keys that begin with it')
    .option('--limit <n>', 'at most so many', '0')
    .option('--keys-only', 'no values')
    .option('--revision <n>', 'as it was at a revision', '0')
    .action(
      withContext<RangeOptions, [string]>(async ({ client, output }, [key], options) => {
        const response = await client.call<RangeResponse__Output>('kv', 'Range', {
          ...range(key, options.prefix),
          limit: count('--limit', options.limit),
          revision: count('--revision', options.revision),
          keysOnly: options.keysOnly ?? false,
        })
        if (!options.prefix && response.kvs.length === 0) throw new KeeperError('E_NOT_FOUND', `no key ${key}`)
        for (const kv of response.kvs) printKey(output, kv, options.prefix === true, options.keysOnly === true)
        return 0
      }),
    )
}

function deleteCommand(): Command {
  return new Command('del')
    .description('delete a key, or all keys with a prefix')
    .argument('<key>')
    .option('--prefix', 'all keys that begin with it')
    .action(
      withContext<RangeOptions, [string]>(async ({ client, output }, [key], options) => {
        const { txn, revision } = await client.call<KvTxnResponse__Output>('kv', 'Txn', {
          txn: { success: [{ delete: range(key, options.prefix) }] },
        })
        const deleted = Number(txn?.results[0]?.delete?.deleted ?? 0)
        if (output.json) output.value({ deleted, revision: Number(revision) })
        else output.line(`${deleted} deleted`)
        return 0
      }),
    )
}

function watchCommand(): Command {
  return new Command('watch')
    .description('print one JSON line per change, without a gap')
    .argument('<key>')
    .option('--prefix', 'all keys that begin with it')
    .option('--revision <n>', 'beginning at a revision; without it from now on', '0')
    .option('--epoch <n>', 'of that revision: refused (E_STORE_EPOCH) when the cluster was restored since', '0')
    .addHelpText(
      'after',
      '\nEach line says its epoch and revision. To go on after the last one: --revision, one more than that, and --epoch.\n\nExamples:\n  keeper kv watch job/ --prefix\n  keeper kv watch job/ --prefix --revision 18 --epoch 1',
    )
    .action(
      withContext<WatchOptions, [string]>(async ({ client, output, signal }, [key], options) => {
        const stream = await client.watch<KvWatchResponse__Output>('kv', 'Watch', {
          ...range(key, options.prefix),
          startRevision: count('--revision', options.revision),
          storeEpoch: count('--epoch', options.epoch),
        })
        signal.addEventListener('abort', () => stream.cancel())
        let epoch = 0
        for await (const { events, created, storeEpoch } of stream) {
          if (created) epoch = Number(storeEpoch)
          for (const { deleted, kv } of events) {
            if (kv)
              output.value({
                type: deleted ? 'delete' : 'put',
                key: kv.key.toString(),
                epoch,
                revision: Number(kv.modRevision),
                ...(deleted ? {} : { value: kv.value.toString() }),
              })
          }
        }
        return 0
      }),
    )
}

/** etcd's prefix range: up to the first key that no longer begins with it. */
function range(key: string, prefix = false): { key: Buffer; rangeEnd?: Buffer } {
  const start = Buffer.from(key)
  if (!prefix) return { key: start }
  const end = Buffer.from(start)
  for (let at = end.length - 1; at >= 0; at--) {
    const byte = end[at] ?? 0
    if (byte === 0xff) continue
    end[at] = byte + 1
    return { key: start, rangeEnd: end.subarray(0, at + 1) }
  }
  return { key: start.length === 0 ? Buffer.from([0]) : start, rangeEnd: Buffer.from([0]) }
}

function count(option: string, text = '0'): number {
  if (!/^\d{1,15}$/.test(text))
    throw new KeeperError('E_INVALID_ARGUMENT', `${option}: expected a whole number from 0 on, got "${text}"`)
  return Number(text)
}

function printKey(output: Output, kv: KeyValue__Output, named: boolean, keysOnly: boolean): void {
  if (output.json)
    output.value({
      key: kv.key.toString(),
      value: kv.value.toString(),
      revision: Number(kv.modRevision),
      version: Number(kv.version),
    })
  else if (keysOnly) output.line(kv.key.toString())
  else output.line(named ? `${kv.key.toString()}\t${kv.value.toString()}` : kv.value.toString())
}
