// Original file: proto/keeper/v1/admin.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { SaveSnapshotRequest as _keeper_v1_SaveSnapshotRequest, SaveSnapshotRequest__Output as _keeper_v1_SaveSnapshotRequest__Output } from '../../keeper/v1/SaveSnapshotRequest.js';
import type { SnapshotPiece as _keeper_v1_SnapshotPiece, SnapshotPiece__Output as _keeper_v1_SnapshotPiece__Output } from '../../keeper/v1/SnapshotPiece.js';

export interface SnapshotsClient extends grpc.Client {
  Save(argument: _keeper_v1_SaveSnapshotRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_SnapshotPiece__Output>;
  Save(argument: _keeper_v1_SaveSnapshotRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_SnapshotPiece__Output>;
  save(argument: _keeper_v1_SaveSnapshotRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_SnapshotPiece__Output>;
  save(argument: _keeper_v1_SaveSnapshotRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_SnapshotPiece__Output>;
  
}

export interface SnapshotsHandlers extends grpc.UntypedServiceImplementation {
  Save: grpc.handleServerStreamingCall<_keeper_v1_SaveSnapshotRequest__Output, _keeper_v1_SnapshotPiece>;
  
}

export interface SnapshotsDefinition extends grpc.ServiceDefinition {
  Save: MethodDefinition<_keeper_v1_SaveSnapshotRequest, _keeper_v1_SnapshotPiece, _keeper_v1_SaveSnapshotRequest__Output, _keeper_v1_SnapshotPiece__Output>
}
