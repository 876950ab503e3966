import { serverFrame } from '@keeper/proto'
import type { Member } from '../../keeper/src/node/types.js'
import type { Connection, EncodedFrame } from '../../keeper/src/push/types.js'
import type { MemberDisk } from '../../keeper/src/storage/types.js'
import type { StateMachine } from '../../keeper/src/store/types.js'
import type { Wraps } from './process.js'

/** `target`, but for some of its methods. */
function overriding<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get(_, name) {
      if (Object.hasOwn(methods, name)) return Reflect.get(methods, name)
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** Says that appends are durable when they are only remembered. */
function lyingDisk(disk: MemberDisk): MemberDisk {
  const remembered: Parameters<MemberDisk['append']>[0][] = []
  const write = async (leave: number) => {
    while (remembered.length > leave) await disk.append(remembered.shift() as (typeof remembered)[number])
  }
  return overriding(disk, {
    append: async (batch) => {
      remembered.push(batch)
      await write(10)
    },
    flush: async (...args) => {
      await write(0)
      await disk.flush(...args)
    },
    installSnapshot: async (snapshot) => {
      await write(0)
      await disk.installSnapshot(snapshot)
    },
  })
}

function applyingTwice(store: StateMachine): StateMachine {
  return overriding(store, {
    apply: (entry) => {
      const applied = store.apply(entry)
      if (entry.index % 5 === 0) store.apply(entry)
      return applied
    },
  })
}

/** Sends the first push of a stream a second time, after the third. */
function repeatingPush(connection: Connection): Connection {
  const pushes: EncodedFrame[] = []
  return overriding(connection, {
    send: (frame) => {
      const more = connection.send(frame)
      if (!serverFrame.decode(frame.bytes).push) return more
      pushes.push(frame)
      return pushes.length === 3 ? connection.send(pushes[0] as EncodedFrame) : more
    },
  })
}

const readingLocally = (member: Member): Member => overriding(member, { linearizableRead: async () => {} })

/** Forgets who asked, so that a retry is a second request. */
const forgettingRequestIds = (member: Member): Member =>
  overriding(member, {
    propose: ({ principal, body }, options) => member.propose({ principal, body }, options),
  })

/** Bug → how to plant it, and the checkers any of which must notice. */
export const plantedBugs: Readonly<Record<string, { readonly wraps: Wraps; readonly noticed: RegExp }>> = {
  'a disk that lies about fsync': {
    wraps: { disk: lyingDisk },
    noticed: /^(?:halt|state machine|state hash|leader completeness|log matching|acknowledged writes|linearizable)/,
  },
  'entries applied twice on one member': {
    wraps: { store: (create, id) => (reader) => (id === 2 ? applyingTwice(create(reader)) : create(reader)) },
    noticed: /^(?:state hash|state machine)/,
  },
  'a push that repeats an old revision': { wraps: { connection: repeatingPush }, noticed: /^sessions/ },
  'reads that ask nobody': { wraps: { member: readingLocally }, noticed: /^linearizable/ },
  'retries that are not recognized': {
    wraps: { member: forgettingRequestIds },
    noticed: /^(?:acknowledged writes|liveness)/,
  },
}
