// Original file: proto/keeper/v1/admin.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { KvCompactRequest as _keeper_v1_KvCompactRequest, KvCompactRequest__Output as _keeper_v1_KvCompactRequest__Output } from '../../keeper/v1/KvCompactRequest.js';
import type { KvCompactResponse as _keeper_v1_KvCompactResponse, KvCompactResponse__Output as _keeper_v1_KvCompactResponse__Output } from '../../keeper/v1/KvCompactResponse.js';
import type { KvTxnRequest as _keeper_v1_KvTxnRequest, KvTxnRequest__Output as _keeper_v1_KvTxnRequest__Output } from '../../keeper/v1/KvTxnRequest.js';
import type { KvTxnResponse as _keeper_v1_KvTxnResponse, KvTxnResponse__Output as _keeper_v1_KvTxnResponse__Output } from '../../keeper/v1/KvTxnResponse.js';
import type { KvWatchRequest as _keeper_v1_KvWatchRequest, KvWatchRequest__Output as _keeper_v1_KvWatchRequest__Output } from '../../keeper/v1/KvWatchRequest.js';
import type { KvWatchResponse as _keeper_v1_KvWatchResponse, KvWatchResponse__Output as _keeper_v1_KvWatchResponse__Output } from '../../keeper/v1/KvWatchResponse.js';
import type { LeaseGrantRequest as _keeper_v1_LeaseGrantRequest, LeaseGrantRequest__Output as _keeper_v1_LeaseGrantRequest__Output } from '../../keeper/v1/LeaseGrantRequest.js';
import type { LeaseGrantResponse as _keeper_v1_LeaseGrantResponse, LeaseGrantResponse__Output as _keeper_v1_LeaseGrantResponse__Output } from '../../keeper/v1/LeaseGrantResponse.js';
import type { LeaseKeepAliveRequest as _keeper_v1_LeaseKeepAliveRequest, LeaseKeepAliveRequest__Output as _keeper_v1_LeaseKeepAliveRequest__Output } from '../../keeper/v1/LeaseKeepAliveRequest.js';
import type { LeaseKeepAliveResponse as _keeper_v1_LeaseKeepAliveResponse, LeaseKeepAliveResponse__Output as _keeper_v1_LeaseKeepAliveResponse__Output } from '../../keeper/v1/LeaseKeepAliveResponse.js';
import type { LeaseRevokeRequest as _keeper_v1_LeaseRevokeRequest, LeaseRevokeRequest__Output as _keeper_v1_LeaseRevokeRequest__Output } from '../../keeper/v1/LeaseRevokeRequest.js';
import type { LeaseRevokeResponse as _keeper_v1_LeaseRevokeResponse, LeaseRevokeResponse__Output as _keeper_v1_LeaseRevokeResponse__Output } from '../../keeper/v1/LeaseRevokeResponse.js';
import type { RangeRequest as _keeper_v1_RangeRequest, RangeRequest__Output as _keeper_v1_RangeRequest__Output } from '../../keeper/v1/RangeRequest.js';
import type { RangeResponse as _keeper_v1_RangeResponse, RangeResponse__Output as _keeper_v1_RangeResponse__Output } from '../../keeper/v1/RangeResponse.js';

export interface KvClient extends grpc.Client {
  Compact(argument: _keeper_v1_KvCompactRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_KvCompactResponse__Output>): grpc.ClientUnaryCall;
  Compact(argument: _keeper_v1_KvCompactRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_KvCompactResponse__Output>): grpc.ClientUnaryCall;
  Compact(argument: _keeper_v1_KvCompactRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_KvCompactResponse__Output>): grpc.ClientUnaryCall;
  Compact(argument: _keeper_v1_KvCompactRequest, callback: grpc.requestCallback<_keeper_v1_KvCompactResponse__Output>): grpc.ClientUnaryCall;
  compact(argument: _keeper_v1_KvCompactRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_KvCompactResponse__Output>): grpc.ClientUnaryCall;
  compact(argument: _keeper_v1_KvCompactRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_KvCompactResponse__Output>): grpc.ClientUnaryCall;
  compact(argument: _keeper_v1_KvCompactRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_KvCompactResponse__Output>): grpc.ClientUnaryCall;
  compact(argument: _keeper_v1_KvCompactRequest, callback: grpc.requestCallback<_keeper_v1_KvCompactResponse__Output>): grpc.ClientUnaryCall;
  
  LeaseGrant(argument: _keeper_v1_LeaseGrantRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_LeaseGrantResponse__Output>): grpc.ClientUnaryCall;
  LeaseGrant(argument: _keeper_v1_LeaseGrantRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_LeaseGrantResponse__Output>): grpc.ClientUnaryCall;
  LeaseGrant(argument: _keeper_v1_LeaseGrantRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_LeaseGrantResponse__Output>): grpc.ClientUnaryCall;
  LeaseGrant(argument: _keeper_v1_LeaseGrantRequest, callback: grpc.requestCallback<_keeper_v1_LeaseGrantResponse__Output>): grpc.ClientUnaryCall;
  leaseGrant(argument: _keeper_v1_LeaseGrantRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_LeaseGrantResponse__Output>): grpc.ClientUnaryCall;
  leaseGrant(argument: _keeper_v1_LeaseGrantRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_LeaseGrantResponse__Output>): grpc.ClientUnaryCall;
  leaseGrant(argument: _keeper_v1_LeaseGrantRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_LeaseGrantResponse__Output>): grpc.ClientUnaryCall;
  leaseGrant(argument: _keeper_v1_LeaseGrantRequest, callback: grpc.requestCallback<_keeper_v1_LeaseGrantResponse__Output>): grpc.ClientUnaryCall;
  
  LeaseKeepAlive(argument: _keeper_v1_LeaseKeepAliveRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_LeaseKeepAliveResponse__Output>): grpc.ClientUnaryCall;
  LeaseKeepAlive(argument: _keeper_v1_LeaseKeepAliveRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_LeaseKeepAliveResponse__Output>): grpc.ClientUnaryCall;
  LeaseKeepAlive(argument: _keeper_v1_LeaseKeepAliveRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_LeaseKeepAliveResponse__Output>): grpc.ClientUnaryCall;
  LeaseKeepAlive(argument: _keeper_v1_LeaseKeepAliveRequest, callback: grpc.requestCallback<_keeper_v1_LeaseKeepAliveResponse__Output>): grpc.ClientUnaryCall;
  leaseKeepAlive(argument: _keeper_v1_LeaseKeepAliveRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_LeaseKeepAliveResponse__Output>): grpc.ClientUnaryCall;
  leaseKeepAlive(argument: _keeper_v1_LeaseKeepAliveRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_LeaseKeepAliveResponse__Output>): grpc.ClientUnaryCall;
  leaseKeepAlive(argument: _keeper_v1_LeaseKeepAliveRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_LeaseKeepAliveResponse__Output>): grpc.ClientUnaryCall;
  leaseKeepAlive(argument: _keeper_v1_LeaseKeepAliveRequest, callback: grpc.requestCallback<_keeper_v1_LeaseKeepAliveResponse__Output>): grpc.ClientUnaryCall;
  
  LeaseRevoke(argument: _keeper_v1_LeaseRevokeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_LeaseRevokeResponse__Output>): grpc.ClientUnaryCall;
  LeaseRevoke(argument: _keeper_v1_LeaseRevokeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_LeaseRevokeResponse__Output>): grpc.ClientUnaryCall;
  LeaseRevoke(argument: _keeper_v1_LeaseRevokeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_LeaseRevokeResponse__Output>): grpc.ClientUnaryCall;
  LeaseRevoke(argument: _keeper_v1_LeaseRevokeRequest, callback: grpc.requestCallback<_keeper_v1_LeaseRevokeResponse__Output>): grpc.ClientUnaryCall;
  leaseRevoke(argument: _keeper_v1_LeaseRevokeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_LeaseRevokeResponse__Output>): grpc.ClientUnaryCall;
  leaseRevoke(argument: _keeper_v1_LeaseRevokeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_LeaseRevokeResponse__Output>): grpc.ClientUnaryCall;
  leaseRevoke(argument: _keeper_v1_LeaseRevokeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_LeaseRevokeResponse__Output>): grpc.ClientUnaryCall;
  leaseRevoke(argument: _keeper_v1_LeaseRevokeRequest, callback: grpc.requestCallback<_keeper_v1_LeaseRevokeResponse__Output>): grpc.ClientUnaryCall;
  
  Range(argument: _keeper_v1_RangeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_RangeResponse__Output>): grpc.ClientUnaryCall;
  Range(argument: _keeper_v1_RangeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_RangeResponse__Output>): grpc.ClientUnaryCall;
  Range(argument: _keeper_v1_RangeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_RangeResponse__Output>): grpc.ClientUnaryCall;
  Range(argument: _keeper_v1_RangeRequest, callback: grpc.requestCallback<_keeper_v1_RangeResponse__Output>): grpc.ClientUnaryCall;
  range(argument: _keeper_v1_RangeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_RangeResponse__Output>): grpc.ClientUnaryCall;
  range(argument: _keeper_v1_RangeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_RangeResponse__Output>): grpc.ClientUnaryCall;
  range(argument: _keeper_v1_RangeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_RangeResponse__Output>): grpc.ClientUnaryCall;
  range(argument: _keeper_v1_RangeRequest, callback: grpc.requestCallback<_keeper_v1_RangeResponse__Output>): grpc.ClientUnaryCall;
  
  Txn(argument: _keeper_v1_KvTxnRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_KvTxnResponse__Output>): grpc.ClientUnaryCall;
  Txn(argument: _keeper_v1_KvTxnRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_KvTxnResponse__Output>): grpc.ClientUnaryCall;
  Txn(argument: _keeper_v1_KvTxnRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_KvTxnResponse__Output>): grpc.ClientUnaryCall;
  Txn(argument: _keeper_v1_KvTxnRequest, callback: grpc.requestCallback<_keeper_v1_KvTxnResponse__Output>): grpc.ClientUnaryCall;
  txn(argument: _keeper_v1_KvTxnRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_KvTxnResponse__Output>): grpc.ClientUnaryCall;
  txn(argument: _keeper_v1_KvTxnRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_KvTxnResponse__Output>): grpc.ClientUnaryCall;
  txn(argument: _keeper_v1_KvTxnRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_KvTxnResponse__Output>): grpc.ClientUnaryCall;
  txn(argument: _keeper_v1_KvTxnRequest, callback: grpc.requestCallback<_keeper_v1_KvTxnResponse__Output>): grpc.ClientUnaryCall;
  
  Watch(argument: _keeper_v1_KvWatchRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_KvWatchResponse__Output>;
  Watch(argument: _keeper_v1_KvWatchRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_KvWatchResponse__Output>;
  watch(argument: _keeper_v1_KvWatchRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_KvWatchResponse__Output>;
  watch(argument: _keeper_v1_KvWatchRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_KvWatchResponse__Output>;
  
}

export interface KvHandlers extends grpc.UntypedServiceImplementation {
  Compact: grpc.handleUnaryCall<_keeper_v1_KvCompactRequest__Output, _keeper_v1_KvCompactResponse>;
  
  LeaseGrant: grpc.handleUnaryCall<_keeper_v1_LeaseGrantRequest__Output, _keeper_v1_LeaseGrantResponse>;
  
  LeaseKeepAlive: grpc.handleUnaryCall<_keeper_v1_LeaseKeepAliveRequest__Output, _keeper_v1_LeaseKeepAliveResponse>;
  
  LeaseRevoke: grpc.handleUnaryCall<_keeper_v1_LeaseRevokeRequest__Output, _keeper_v1_LeaseRevokeResponse>;
  
  Range: grpc.handleUnaryCall<_keeper_v1_RangeRequest__Output, _keeper_v1_RangeResponse>;
  
  Txn: grpc.handleUnaryCall<_keeper_v1_KvTxnRequest__Output, _keeper_v1_KvTxnResponse>;
  
  Watch: grpc.handleServerStreamingCall<_keeper_v1_KvWatchRequest__Output, _keeper_v1_KvWatchResponse>;
  
}

export interface KvDefinition extends grpc.ServiceDefinition {
  Compact: MethodDefinition<_keeper_v1_KvCompactRequest, _keeper_v1_KvCompactResponse, _keeper_v1_KvCompactRequest__Output, _keeper_v1_KvCompactResponse__Output>
  LeaseGrant: MethodDefinition<_keeper_v1_LeaseGrantRequest, _keeper_v1_LeaseGrantResponse, _keeper_v1_LeaseGrantRequest__Output, _keeper_v1_LeaseGrantResponse__Output>
  LeaseKeepAlive: MethodDefinition<_keeper_v1_LeaseKeepAliveRequest, _keeper_v1_LeaseKeepAliveResponse, _keeper_v1_LeaseKeepAliveRequest__Output, _keeper_v1_LeaseKeepAliveResponse__Output>
  LeaseRevoke: MethodDefinition<_keeper_v1_LeaseRevokeRequest, _keeper_v1_LeaseRevokeResponse, _keeper_v1_LeaseRevokeRequest__Output, _keeper_v1_LeaseRevokeResponse__Output>
  Range: MethodDefinition<_keeper_v1_RangeRequest, _keeper_v1_RangeResponse, _keeper_v1_RangeRequest__Output, _keeper_v1_RangeResponse__Output>
  Txn: MethodDefinition<_keeper_v1_KvTxnRequest, _keeper_v1_KvTxnResponse, _keeper_v1_KvTxnRequest__Output, _keeper_v1_KvTxnResponse__Output>
  Watch: MethodDefinition<_keeper_v1_KvWatchRequest, _keeper_v1_KvWatchResponse, _keeper_v1_KvWatchRequest__Output, _keeper_v1_KvWatchResponse__Output>
}
