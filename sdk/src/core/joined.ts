import { KeeperClientError } from '../errors.js'
import type { Runtime } from '../runtime.js'
import type { Client, Connection } from './client.js'

/** Errors that no other attempt will cure: the process itself is wrong. */
const hopeless: ReadonlySet<string> = new Set(['E_BAD_NAME', 'E_INVALID_ARGUMENT', 'E_PERMISSION', 'E_FENCED'])

/** Resolves when `client` may run: welcomed, or away with last good values; rejects typed when neither came in time. */
export function joined(client: Client, options: { timeoutMs: number; hasGood: boolean; runtime: Runtime }) {
  return new Promise<void>((resolve, reject) => {
    const finish = (then: () => void) => {
      stop()
      cancel()
      then()
    }
    const goAway = () =>
      finish(() => {
        client.startAway()
        resolve()
      })
    const giveUp = (error: KeeperClientError) => finish(() => reject(error))
    const check = ({ state, error }: Connection) => {
      if (state === 'live') finish(resolve)
      else if (error && hopeless.has(error.code)) giveUp(error)
      else if (options.hasGood && client.everyEndpointFailed) goAway()
    }
    const stop = client.watch(check)
    const cancel = options.runtime.setTimer(options.timeoutMs, () =>
      options.hasGood ? goAway() : giveUp(noKeeper(client.connection.error, options.timeoutMs)),
    )
  })
}

function noKeeper(cause: KeeperClientError | undefined, timeoutMs: number): KeeperClientError {
  const why = cause ? `: ${cause.message}` : ''
  const text = `no keeper answered within ${timeoutMs} ms, and there are no last good values to start from${why}`
  return new KeeperClientError(cause?.code === 'E_TLS' ? 'E_TLS' : 'E_CONNECTION', text, {}, { cause })
}
