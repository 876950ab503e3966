import type { KeeperParts } from '../keeper.js'

const signals = ['SIGTERM', 'SIGINT'] as const

/**
 * Leaves on SIGTERM and SIGINT. Then, if nobody else listens, the signal is sent again with our listener gone, so that
 * it does what it would have done.
 */
export function leaveOnSignals(parts: KeeperParts): KeeperParts {
  const remove = () => {
    for (const signal of signals) process.off(signal, onSignal)
  }
  const end = async () => {
    remove()
    await parts.end()
  }
  const onSignal = (signal: NodeJS.Signals) => {
    remove()
    parts.client
      .leave(signal)
      .then(parts.end)
      .finally(() => {
        if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
      })
  }
  for (const signal of signals) process.on(signal, onSignal)
  return { ...parts, end }
}
