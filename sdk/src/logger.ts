/** What the SDK logs through: a field object first, as pino has it. `console` fits too. */
export interface Logger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** Says nothing. */
export const silentLogger: Logger = { info() {}, warn() {} }

/** The default: one line on stderr for what someone on call wants to know, nothing else. */
export const stderrLogger: Logger = {
  info: (_fields, message) => void process.stderr.write(`${message}\n`),
  warn: (_fields, message) => void process.stderr.write(`${message}\n`),
}
