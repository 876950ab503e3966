import type { ConfigChange__Output, HeldConfig, Hello } from '@keeper/proto'
import { expect, test } from 'vitest'
import { type Random, seededRandom } from '../base/random.js'
import type { PushHub } from './hub.js'
import { makeHouse, makeHub } from './testing/house.js'
import { hashOf, type SharedLog } from './testing/shared-log.js'
import { holding, room, settled, TestClient } from './testing/test-client.js'

const names = ['push/common', 'push/room']
const overlays = [{ file: 'room@zone=bj.yaml', when: { zone: 'bj' } }]

/** A process over all its streams: what it holds, and whether anything it saw broke the promise. */
class Walker {
  readonly #hubs: readonly PushHub[]
  readonly #random: Random
  readonly #identity: ReturnType<typeof room>
  readonly #held = new Map<string, { readonly revision: number; readonly hash: string }>()
  readonly broken: string[] = []
  client: TestClient | undefined
  #credentials: Partial<Hello> = {}
  #read = 0

  constructor(hubs: readonly PushHub[], random: Random, at: number) {
    this.#hubs = hubs
    this.#random = random
    this.#identity = room(`room-${at}`, at % 2 ? { zone: 'bj' } : {})
  }

  get zone(): string {
    return this.#identity.labels.zone ?? ''
  }

  hash(name: string): string {
    return this.#held.get(name)?.hash ?? ''
  }

  connect(): void {
    const hub = this.#hubs[this.#random.below(this.#hubs.length)]
    if (!hub) throw new Error('no hub')
    this.client = new TestClient(hub)
    this.#read = 0
    this.client.connection.stalled = this.#random.below(3) === 0
    const held: HeldConfig[] = [...this.#held].map(([name, { revision, hash }]) => holding(name, revision, hash))
    this.client.hello({ identity: this.#identity, ...this.#credentials, subscriptions: names, held })
  }

  disconnect(): void {
    this.client?.disconnect()
    this.client = undefined
  }

  /** Reads what the stream brought; with `all` as one who never stalls again. */
  read(all: boolean): void {
    const { client } = this
    if (!client) return
    client.connection.stalled = !all && this.#random.below(3) === 0
    if (client.connection.queuedBytes > 0) client.connection.drain()
    if (client.welcome?.sessionSecret.length) this.#credentials = client.credentials
    for (const push of client.pushes.slice(this.#read)) {
      for (const change of push.changes) this.#take(change)
      client.ack(push)
      this.#read++
    }
    if (client.goodbye === 'E_SESSION_UNKNOWN') this.#credentials = {}
    if (client.connection.ended) this.disconnect()
  }

  #take({ name, hash, revision }: ConfigChange__Output): void {
    const before = this.#held.get(name)
    if (before && before.hash === hash) this.broken.push(`${name} ${hash} came twice`)
    if (before && Number(revision) < before.revision) this.broken.push(`${name} stepped back to ${revision}`)
    this.#held.set(name, { revision: Number(revision), hash })
  }
}

/** What is live now, by name and zone. */
type Live = Map<string, unknown>

function publish(log: SharedLog, random: Random, live: Live): void {
  const pick = () => random.below(4)
  const room = random.below(5)
  const [all, bj, common] = [pick(), pick(), pick()]
  const variants = [{ value: all }, { overlays: [0], value: `bj ${bj}` }]
  const chosen = room === 0 ? { removed: true as const } : room < 3 ? { value: all } : { overlays, variants }
  log.publish({ 'push/room': chosen, ...(random.below(2) ? { 'push/common': { value: common } } : {}) })
  live.set('push/room ', room === 0 ? undefined : all)
  live.set('push/room bj', room === 0 ? undefined : room < 3 ? all : `bj ${bj}`)
  const record = log.members[0]?.store.get('system', Buffer.from('/default/config/push/common'))
  const hash = record && JSON.parse(Buffer.from(record.value).toString()).variants[0].hash
  for (const zone of ['', 'bj']) live.set(`push/common ${zone}`, hash)
}

async function walk(seed: number): Promise<{ broken: string[]; pushes: number }> {
  const random = seededRandom(seed)
  const { hub, log, clock } = makeHouse({ limits: { pushChunkBytes: 90 } }, ['n1', 'n2'])
  const hubs = [
    hub,
    ...log.members.slice(1).map((member) => makeHub(member, clock, { limits: { pushChunkBytes: 90 } })),
  ]
  const walkers = Array.from({ length: 6 }, (_, at) => new Walker(hubs, random, at))
  const live: Live = new Map()
  for (let step = 0; step < 150; step++) {
    const walker = walkers[random.below(walkers.length)] as Walker
    const what = random.below(10)
    if (what < 3) publish(log, random, live)
    else if (what < 5 && !walker.client) walker.connect()
    else if (what === 5) walker.disconnect()
    else if (what === 6 && random.below(3) === 0) {
      const id = walker.client?.welcome?.sessionId
      if (id && log.members[0]?.store.lease('system', BigInt(id))) log.revokeLease(BigInt(id))
    } else walker.read(false)
    if (random.below(2)) await settled()
  }
  await settle(walkers)
  const broken = walkers.flatMap((walker) => [...walker.broken, ...stale(walker, live)])
  const rows = hubs.flatMap((each) => each.ledger()).filter((row) => row.connected && !row.current)
  return {
    broken: [...broken, ...rows.map((row) => `${row.instance} ${row.name} ${row.state}`)],
    pushes: log.members.length,
  }
}

async function settle(walkers: readonly Walker[]): Promise<void> {
  for (let round = 0; round < 20; round++) {
    for (const walker of walkers) {
      if (!walker.client) walker.connect()
      await settled()
      walker.read(true)
    }
  }
}

function stale(walker: Walker, live: Live): string[] {
  const wanted = (name: string) => {
    const value = live.get(`${name} ${walker.zone}`)
    if (value === undefined) return ''
    return name === 'push/common' ? String(value) : hashOf(value)
  }
  return names.filter((name) => walker.hash(name) !== wanted(name)).map((name) => `${name} is not the newest`)
}

test('whatever streams do, each process gets the newest of each it lacks, once, and never an older one', async () => {
  for (let seed = 1; seed <= 60; seed++) expect({ seed, ...(await walk(seed)) }).toMatchObject({ seed, broken: [] })
})
