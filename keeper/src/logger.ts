import { pino } from 'pino'
import type { Logger } from './base/logger.js'

/** JSON lines on standard error; on a terminal only warnings and worse, since the narrator tells the rest. */
export function createLogger(level: string, terminal: boolean): Logger {
  return pino(
    { level: terminal && level === 'info' ? 'warn' : level, base: null },
    pino.destination({ dest: 2, sync: false }),
  )
}
