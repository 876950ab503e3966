/**
 * What is on the wire of a session, and TLS, without the libraries for all of gRPC: for what lives in other people's processes.
 */

export {
  type Codec,
  clientFrame,
  configChange,
  joinParts,
  joinPush,
  type LoadedPart,
  lengthOf,
  type Parts,
  partsOfChange,
  partsOfChunk,
  partsOfPush,
  push,
  serverFrame,
  status,
} from './frames.js'
export type * from './gen/messages.js'
export { toBigInt, toSafe } from './numbers.js'
export { type SecureContext, secureContext, type TlsFiles, tlsTrouble } from './tls.js'
