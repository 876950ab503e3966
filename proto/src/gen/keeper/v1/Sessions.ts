// Original file: proto/keeper/v1/session.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ClientFrame as _keeper_v1_ClientFrame, ClientFrame__Output as _keeper_v1_ClientFrame__Output } from '../../keeper/v1/ClientFrame.js';
import type { ServerFrame as _keeper_v1_ServerFrame, ServerFrame__Output as _keeper_v1_ServerFrame__Output } from '../../keeper/v1/ServerFrame.js';

export interface SessionsClient extends grpc.Client {
  Attach(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_ClientFrame, _keeper_v1_ServerFrame__Output>;
  Attach(options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_ClientFrame, _keeper_v1_ServerFrame__Output>;
  attach(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_ClientFrame, _keeper_v1_ServerFrame__Output>;
  attach(options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_ClientFrame, _keeper_v1_ServerFrame__Output>;
  
}

export interface SessionsHandlers extends grpc.UntypedServiceImplementation {
  Attach: grpc.handleBidiStreamingCall<_keeper_v1_ClientFrame__Output, _keeper_v1_ServerFrame>;
  
}

export interface SessionsDefinition extends grpc.ServiceDefinition {
  Attach: MethodDefinition<_keeper_v1_ClientFrame, _keeper_v1_ServerFrame, _keeper_v1_ClientFrame__Output, _keeper_v1_ServerFrame__Output>
}
