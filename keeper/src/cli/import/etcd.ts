import { KeeperError } from '../../base/errors.js'
import { limits } from '../../base/limits.js'
import { type Ask, askJson } from './http.js'
import { type Found, type ImportSource, segmentsOf } from './item.js'
import type { Place } from './place.js'

interface RangeAnswer {
  readonly header?: { readonly revision?: string }
  readonly kvs?: readonly { readonly key: string; readonly value?: string; readonly lease?: string }[]
  readonly more?: boolean
}

const pageMin = 16
const pageMax = 2_000

/**
 * All keys with a prefix, as they were at one revision, through etcd's JSON gateway (`/v3/kv/range`, on its client
 * port). Keys that a lease ends belong to processes that run, and are left out.
 */
export function openEtcd(place: Place, scheme: 'http' | 'https'): ImportSource {
  const ask: Ask = (body) =>
    askJson(
      place.hosts.map((host) => `${scheme}://${host}/v3/kv/range`),
      body,
    )
  return { title: `etcd ${place.text}`, items: () => keys(ask, place), close: () => {} }
}

async function* keys(ask: Ask, { path, isContent, text }: Place): AsyncIterable<Found> {
  // etcd's keys are bytes: with and without a slash in front are two.
  const prefixes = path.length === 0 ? [''] : [`/${path.join('/')}`, path.join('/')]
  let isEmpty = true
  for (const prefix of prefixes)
    for await (const found of below(ask, prefix, isContent ? path.length : path.length - 1)) {
      isEmpty = false
      yield found
    }
  if (isEmpty) throw new KeeperError('E_NOT_FOUND', `etcd has no key below ${text}`)
}

/** `dropped`: segments of the key that are not part of its name in the directory. */
async function* below(ask: Ask, prefix: string, dropped: number): AsyncIterable<Found> {
  let [from, limit, revision] = [Buffer.from(prefix === '' ? '\0' : prefix), pageMin, '0']
  const end = prefix === '' ? Buffer.of(0) : after(Buffer.from(prefix))
  for (;;) {
    const answer = (await ask({
      ...{ key: from.toString('base64'), range_end: end.toString('base64'), limit: String(limit), revision },
    })) as RangeAnswer
    revision = answer.header?.revision ?? '0'
    const kvs = answer.kvs ?? []
    let bytes = 0
    for (const { key: encoded, value = '', lease = '0' } of kvs) {
      bytes += value.length
      const key = Buffer.from(encoded, 'base64')
      from = Buffer.concat([key, Buffer.of(0)])
      yield* foundAt(key, Buffer.from(value, 'base64'), lease, prefix, dropped)
    }
    if (!answer.more || kvs.length === 0) return
    limit = Math.min(pageMax, Math.max(pageMin, Math.floor(limits.importPageBytes / (bytes / kvs.length + 1))))
  }
}

function* foundAt(key: Buffer, bytes: Buffer, lease: string, prefix: string, dropped: number): Iterable<Found> {
  const text = key.toString()
  // `/push` is not a folder of `/pushed`.
  if (prefix !== '' && text.length > prefix.length && text[prefix.length] !== '/') return
  const segments = segmentsOf(text)
  if (!Buffer.from(text).equals(key)) yield { path: text, reason: 'its name is not UTF-8' }
  else if (lease !== '0') yield { path: text, reason: 'bound to a lease: it belongs to a process that runs' }
  else if ('reason' in segments) yield segments
  else if (segments.length > dropped) yield { path: segments.slice(dropped), bytes }
}

/** The first key that does not begin with `prefix`, as etcd's clients make it. */
function after(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix)
  for (let at = end.length - 1; at >= 0; at--)
    if ((end[at] ?? 0) < 255) {
      end[at] = (end[at] ?? 0) + 1
      return end.subarray(0, at + 1)
    }
  return Buffer.of(0)
}
