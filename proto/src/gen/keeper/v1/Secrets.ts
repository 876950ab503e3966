// Original file: proto/keeper/v1/secrets.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ListSecretsRequest as _keeper_v1_ListSecretsRequest, ListSecretsRequest__Output as _keeper_v1_ListSecretsRequest__Output } from '../../keeper/v1/ListSecretsRequest.js';
import type { ListSecretsResponse as _keeper_v1_ListSecretsResponse, ListSecretsResponse__Output as _keeper_v1_ListSecretsResponse__Output } from '../../keeper/v1/ListSecretsResponse.js';
import type { PutSecretRequest as _keeper_v1_PutSecretRequest, PutSecretRequest__Output as _keeper_v1_PutSecretRequest__Output } from '../../keeper/v1/PutSecretRequest.js';
import type { PutSecretResponse as _keeper_v1_PutSecretResponse, PutSecretResponse__Output as _keeper_v1_PutSecretResponse__Output } from '../../keeper/v1/PutSecretResponse.js';
import type { RemoveSecretRequest as _keeper_v1_RemoveSecretRequest, RemoveSecretRequest__Output as _keeper_v1_RemoveSecretRequest__Output } from '../../keeper/v1/RemoveSecretRequest.js';
import type { RemoveSecretResponse as _keeper_v1_RemoveSecretResponse, RemoveSecretResponse__Output as _keeper_v1_RemoveSecretResponse__Output } from '../../keeper/v1/RemoveSecretResponse.js';
import type { ResealRequest as _keeper_v1_ResealRequest, ResealRequest__Output as _keeper_v1_ResealRequest__Output } from '../../keeper/v1/ResealRequest.js';
import type { ResealResponse as _keeper_v1_ResealResponse, ResealResponse__Output as _keeper_v1_ResealResponse__Output } from '../../keeper/v1/ResealResponse.js';

export interface SecretsClient extends grpc.Client {
  List(argument: _keeper_v1_ListSecretsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _keeper_v1_ListSecretsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _keeper_v1_ListSecretsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _keeper_v1_ListSecretsRequest, callback: grpc.requestCallback<_keeper_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _keeper_v1_ListSecretsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _keeper_v1_ListSecretsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _keeper_v1_ListSecretsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _keeper_v1_ListSecretsRequest, callback: grpc.requestCallback<_keeper_v1_ListSecretsResponse__Output>): grpc.ClientUnaryCall;
  
  Put(argument: _keeper_v1_PutSecretRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PutSecretResponse__Output>): grpc.ClientUnaryCall;
  Put(argument: _keeper_v1_PutSecretRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PutSecretResponse__Output>): grpc.ClientUnaryCall;
  Put(argument: _keeper_v1_PutSecretRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PutSecretResponse__Output>): grpc.ClientUnaryCall;
  Put(argument: _keeper_v1_PutSecretRequest, callback: grpc.requestCallback<_keeper_v1_PutSecretResponse__Output>): grpc.ClientUnaryCall;
  put(argument: _keeper_v1_PutSecretRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PutSecretResponse__Output>): grpc.ClientUnaryCall;
  put(argument: _keeper_v1_PutSecretRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PutSecretResponse__Output>): grpc.ClientUnaryCall;
  put(argument: _keeper_v1_PutSecretRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PutSecretResponse__Output>): grpc.ClientUnaryCall;
  put(argument: _keeper_v1_PutSecretRequest, callback: grpc.requestCallback<_keeper_v1_PutSecretResponse__Output>): grpc.ClientUnaryCall;
  
  Remove(argument: _keeper_v1_RemoveSecretRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_RemoveSecretResponse__Output>): grpc.ClientUnaryCall;
  Remove(argument: _keeper_v1_RemoveSecretRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_RemoveSecretResponse__Output>): grpc.ClientUnaryCall;
  Remove(argument: _keeper_v1_RemoveSecretRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_RemoveSecretResponse__Output>): grpc.ClientUnaryCall;
  Remove(argument: _keeper_v1_RemoveSecretRequest, callback: grpc.requestCallback<_keeper_v1_RemoveSecretResponse__Output>): grpc.ClientUnaryCall;
  remove(argument: _keeper_v1_RemoveSecretRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_RemoveSecretResponse__Output>): grpc.ClientUnaryCall;
  remove(argument: _keeper_v1_RemoveSecretRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_RemoveSecretResponse__Output>): grpc.ClientUnaryCall;
  remove(argument: _keeper_v1_RemoveSecretRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_RemoveSecretResponse__Output>): grpc.ClientUnaryCall;
  remove(argument: _keeper_v1_RemoveSecretRequest, callback: grpc.requestCallback<_keeper_v1_RemoveSecretResponse__Output>): grpc.ClientUnaryCall;
  
  Reseal(argument: _keeper_v1_ResealRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ResealResponse__Output>): grpc.ClientUnaryCall;
  Reseal(argument: _keeper_v1_ResealRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_ResealResponse__Output>): grpc.ClientUnaryCall;
  Reseal(argument: _keeper_v1_ResealRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ResealResponse__Output>): grpc.ClientUnaryCall;
  Reseal(argument: _keeper_v1_ResealRequest, callback: grpc.requestCallback<_keeper_v1_ResealResponse__Output>): grpc.ClientUnaryCall;
  reseal(argument: _keeper_v1_ResealRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ResealResponse__Output>): grpc.ClientUnaryCall;
  reseal(argument: _keeper_v1_ResealRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_ResealResponse__Output>): grpc.ClientUnaryCall;
  reseal(argument: _keeper_v1_ResealRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ResealResponse__Output>): grpc.ClientUnaryCall;
  reseal(argument: _keeper_v1_ResealRequest, callback: grpc.requestCallback<_keeper_v1_ResealResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface SecretsHandlers extends grpc.UntypedServiceImplementation {
  List: grpc.handleUnaryCall<_keeper_v1_ListSecretsRequest__Output, _keeper_v1_ListSecretsResponse>;
  
  Put: grpc.handleUnaryCall<_keeper_v1_PutSecretRequest__Output, _keeper_v1_PutSecretResponse>;
  
  Remove: grpc.handleUnaryCall<_keeper_v1_RemoveSecretRequest__Output, _keeper_v1_RemoveSecretResponse>;
  
  Reseal: grpc.handleUnaryCall<_keeper_v1_ResealRequest__Output, _keeper_v1_ResealResponse>;
  
}

export interface SecretsDefinition extends grpc.ServiceDefinition {
  List: MethodDefinition<_keeper_v1_ListSecretsRequest, _keeper_v1_ListSecretsResponse, _keeper_v1_ListSecretsRequest__Output, _keeper_v1_ListSecretsResponse__Output>
  Put: MethodDefinition<_keeper_v1_PutSecretRequest, _keeper_v1_PutSecretResponse, _keeper_v1_PutSecretRequest__Output, _keeper_v1_PutSecretResponse__Output>
  Remove: MethodDefinition<_keeper_v1_RemoveSecretRequest, _keeper_v1_RemoveSecretResponse, _keeper_v1_RemoveSecretRequest__Output, _keeper_v1_RemoveSecretResponse__Output>
  Reseal: MethodDefinition<_keeper_v1_ResealRequest, _keeper_v1_ResealResponse, _keeper_v1_ResealRequest__Output, _keeper_v1_ResealResponse__Output>
}
