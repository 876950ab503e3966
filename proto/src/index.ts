/**
 * @keeper/proto: the wire as keepers, the SDK and other programs speak it. Messages are plain objects (types generated
 * from the .proto files), 64-bit integers are decimal strings when read, so that none loses a digit.
 */

export { type ChannelSecurity, channelSecurity } from './channel-security.js'
export { definition, services } from './services.js'
export * from './wire.js'
