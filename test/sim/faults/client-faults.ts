import type { faultKinds } from '../fault-kinds.js'
import type { SessionClient } from '../session-client.js'
import type { Scene, Strike } from './scene.js'

const anySession = ({ random, sessions }: Scene): SessionClient | undefined => sessions[random.below(sessions.length)]

export const clientFaults: Readonly<Record<(typeof faultKinds.client)[number], Strike>> = {
  'broken stream': (scene) => {
    anySession(scene)?.breakStream()
    scene.encounters.struck('broken stream')
    return true
  },
  'stalled stream': (scene) => {
    const forMs = 200 + scene.random.below(3_000)
    anySession(scene)?.stall(forMs)
    scene.encounters.struck('stalled stream', forMs)
    return true
  },
  'restarted client': (scene) => {
    anySession(scene)?.restart()
    scene.encounters.struck('restarted client')
    return true
  },
}
