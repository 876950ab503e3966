/**
 * @keeper/sdk: what a service embeds. `Keeper.join` ties the process to its keepers; `keeper.config` gives live, typed,
 * frozen values.
 */

/**
 * What the configs hold, by name. `keeper types` writes a module that fills it in:
 * `declare module '@keeper/sdk' { interface Configs { 'push/room': { maxConnections: number } } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: others fill it in
export interface Configs {}

export type { ChangeCallback, ChangeSet } from './change-set.js'
export type {
  Config,
  ConfigName,
  ConfigOptions,
  ConfigStatus,
  ConfigValue,
  DeepReadonly,
  KnownName,
  UpdateCallback,
} from './config.js'
export type { Connection, ConnectionState } from './core/client.js'
export { type ClientErrorCode, KeeperClientError } from './errors.js'
export { Keeper } from './keeper.js'
export type { Kv } from './kv.js'
export type * from './kv-types.js'
export { type Logger, silentLogger } from './logger.js'
export type { JoinOptions } from './options.js'
