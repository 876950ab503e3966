import type { ServiceDefinition } from '@grpc/grpc-js'
import { fromJSON, type PackageDefinition } from '@grpc/proto-loader'
import { descriptor } from './gen/descriptor.js'

/** Every message, enum and service, as gRPC's libraries take it (reflection included). */
export const definition: PackageDefinition = fromJSON(structuredClone(descriptor) as Parameters<typeof fromJSON>[0], {
  longs: String,
  enums: String,
  bytes: Buffer,
  defaults: true,
  oneofs: true,
})

const service = (name: string): ServiceDefinition => definition[name] as ServiceDefinition

/** The services by their short names. */
export const services = {
  sessions: service('keeper.v1.Sessions'),
  configs: service('keeper.v1.Configs'),
  changes: service('keeper.v1.Changes'),
  control: service('keeper.v1.Control'),
  cluster: service('keeper.v1.Cluster'),
  members: service('keeper.v1.Members'),
  secrets: service('keeper.v1.Secrets'),
  snapshots: service('keeper.v1.Snapshots'),
  kv: service('keeper.v1.Kv'),
  health: service('grpc.health.v1.Health'),
} as const
