import { pino } from 'pino'
import type { Logger } from './base/logger.js'

/** JSON lines on standard error; on a terminal only warnings and worse, since the narrator tells the rest. */
export function createLogger(level: string, terminal: boolean): Logger {
  return pino(
    {
      level: terminal && level === 'info' ? 'warn' : level,
      base: null,
      // an error's message and stack are no own fields of it: without this the line would not say what happened
      serializers: { error: pino.stdSerializers.err },
    },
    pino.destination({ dest: 2, sync: false }),
  )
}
