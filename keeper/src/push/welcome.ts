/** The first word of a keeper to a process. */

import type { Welcome } from '@keeper/proto'
import type { CheckedHello } from './hello.js'
import type { Parts } from './parts.js'
import type { Session } from './session.js'
import type { Opened } from './session-log.js'
import type { Subscribed } from './subscribing.js'

export function welcomeFor(
  { member, memberName, storeEpoch, book, pace }: Parts,
  session: Session,
  hello: CheckedHello,
  opened: Opened,
  outcome: Subscribed,
): Welcome {
  return {
    sessionId: String(session.id),
    ...(opened.secret ? { sessionSecret: opened.secret } : {}),
    attachment: session.attachment,
    features: String(hello.features),
    clusterId: member.status().identity.clusterId,
    memberName,
    storeEpoch,
    revision: member.store.revision('system'),
    ttlMs: session.ttlMs,
    heartbeatIntervalMs: pace.heartbeatIntervalMs(session.ttlMs, session.hearsBeacons),
    beaconMs: session.hearsBeacons ? pace.beaconMs() : 0,
    silenceMs: pace.silenceMs(session.ttlMs),
    reconnectDelayMs: pace.reconnectDelayMs(),
    resumed: opened.secret === undefined,
    endpoints: book.all(),
    ...outcome,
  }
}
