/**
 * @keeper/proto: the wire as keepers, the SDK and other programs speak it. Messages are plain objects (types generated
 * from the .proto files), 64-bit integers are decimal strings when read, so that none loses a digit.
 */

export {
  type Codec,
  chunkOfPush,
  clientFrame,
  configChange,
  joinPush,
  lengthOf,
  type Parts,
  partsOfChange,
  partsOfPush,
  serverFrame,
  status,
} from './frames.js'
export type * from './gen/messages.js'
export { toBigInt, toSafe } from './numbers.js'
export { definition, services } from './services.js'
export { type ChannelSecurity, channelSecurity, type TlsFiles, tlsTrouble } from './tls.js'
