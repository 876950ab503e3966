import type { FaultKind, faultKinds } from '../fault-kinds.js'
import type { Weather } from '../network.js'
import { anyProcess, type Scene, type Strike, shuffled } from './scene.js'

type Pair = readonly [from: number, to: number]

const bothWays = (ones: readonly number[], others: readonly number[]): Pair[] =>
  ones.flatMap((one) =>
    others.flatMap((other): Pair[] =>
      one === other
        ? []
        : [
            [one, other],
            [other, one],
          ],
    ),
  )

/** Some paths carry nothing for a while; with luck the members learn at once that their connections broke. */
function cut(scene: Scene, kind: FaultKind, paths: readonly Pair[]): boolean {
  const { network, random, trace, encounters } = scene
  if (paths.length === 0) return false
  const forMs = 200 + random.below(3_500)
  trace.note(`${kind} for ${forMs} ms: ${paths.map(([from, to]) => `${from}>${to}`).join(' ')}`)
  const ends = paths.map(([from, to]) => network.cut(from, to))
  if (random.unit() < 0.5) for (const [from, to] of paths) network.local.breakConnection(from, to)
  const over = encounters.struck(kind, forMs)
  scene.lasts(forMs, () => {
    for (const end of ends) end()
    over()
  })
  return true
}

function weather(scene: Scene, kind: FaultKind, by: Partial<Weather>): boolean {
  const forMs = 300 + scene.random.below(3_000)
  scene.trace.note(`${kind} for ${forMs} ms: ${JSON.stringify(by)}`)
  const end = scene.network.worsen(by)
  const over = scene.encounters.struck(kind, forMs)
  scene.lasts(forMs, () => {
    end()
    over()
  })
  return true
}

const idsOf = ({ processes }: Scene): number[] => processes.map(({ id }) => id)

function bridge(scene: Scene): boolean {
  const [middle, ...rest] = shuffled(scene, idsOf(scene))
  if (middle === undefined || rest.length < 2) return false
  const half = Math.ceil(rest.length / 2)
  return cut(scene, 'bridge', bothWays(rest.slice(0, half), rest.slice(half)))
}

export const networkFaults: Readonly<Record<(typeof faultKinds.network)[number], Strike>> = {
  loss: (scene) => weather(scene, 'loss', { lossShare: 0.02 + scene.random.unit() * 0.3 }),
  delay: (scene) => weather(scene, 'delay', { delayMs: 5 + scene.random.below(150) }),
  reorder: (scene) => weather(scene, 'reorder', { lateShare: 0.02 + scene.random.unit() * 0.3 }),
  duplicate: (scene) => weather(scene, 'duplicate', { repeatShare: 0.02 + scene.random.unit() * 0.3 }),
  'one-way cut': (scene) => {
    const alone = anyProcess(scene).id
    const others = idsOf(scene).filter((id) => id !== alone)
    const hears = scene.random.unit() < 0.5
    return cut(
      scene,
      'one-way cut',
      others.map((other): Pair => (hears ? [alone, other] : [other, alone])),
    )
  },
  /** Two parts, each of any size. */
  split: (scene) => {
    const ids = shuffled(scene, idsOf(scene))
    const size = 1 + scene.random.below(Math.max(1, ids.length - 1))
    return cut(scene, 'split', bothWays(ids.slice(0, size), ids.slice(size)))
  },
  isolation: (scene) => cut(scene, 'isolation', bothWays([anyProcess(scene).id], idsOf(scene))),
  /** Two that see all others but not each other. */
  'partial cut': (scene) => {
    const [one, two] = shuffled(scene, idsOf(scene))
    return one !== undefined && two !== undefined && cut(scene, 'partial cut', bothWays([one], [two]))
  },
  /** Two halves, and one that sees both. */
  bridge,
  'broken connection': (scene) => {
    const [one, two] = shuffled(scene, idsOf(scene))
    if (one === undefined || two === undefined) return false
    scene.trace.note(`${one}-${two} breaks`)
    scene.network.local.breakConnection(one, two)
    scene.encounters.struck('broken connection')
    return true
  },
}
