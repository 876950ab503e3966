// Original file: proto/keeper/v1/admin.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ApplyRequest as _keeper_v1_ApplyRequest, ApplyRequest__Output as _keeper_v1_ApplyRequest__Output } from '../../keeper/v1/ApplyRequest.js';
import type { ApplyResponse as _keeper_v1_ApplyResponse, ApplyResponse__Output as _keeper_v1_ApplyResponse__Output } from '../../keeper/v1/ApplyResponse.js';
import type { ConfigView as _keeper_v1_ConfigView, ConfigView__Output as _keeper_v1_ConfigView__Output } from '../../keeper/v1/ConfigView.js';
import type { GetConfigRequest as _keeper_v1_GetConfigRequest, GetConfigRequest__Output as _keeper_v1_GetConfigRequest__Output } from '../../keeper/v1/GetConfigRequest.js';
import type { HistoryRequest as _keeper_v1_HistoryRequest, HistoryRequest__Output as _keeper_v1_HistoryRequest__Output } from '../../keeper/v1/HistoryRequest.js';
import type { HistoryResponse as _keeper_v1_HistoryResponse, HistoryResponse__Output as _keeper_v1_HistoryResponse__Output } from '../../keeper/v1/HistoryResponse.js';
import type { LedgerRequest as _keeper_v1_LedgerRequest, LedgerRequest__Output as _keeper_v1_LedgerRequest__Output } from '../../keeper/v1/LedgerRequest.js';
import type { LedgerView as _keeper_v1_LedgerView, LedgerView__Output as _keeper_v1_LedgerView__Output } from '../../keeper/v1/LedgerView.js';
import type { ListConfigsRequest as _keeper_v1_ListConfigsRequest, ListConfigsRequest__Output as _keeper_v1_ListConfigsRequest__Output } from '../../keeper/v1/ListConfigsRequest.js';
import type { ListConfigsResponse as _keeper_v1_ListConfigsResponse, ListConfigsResponse__Output as _keeper_v1_ListConfigsResponse__Output } from '../../keeper/v1/ListConfigsResponse.js';
import type { PublishResult as _keeper_v1_PublishResult, PublishResult__Output as _keeper_v1_PublishResult__Output } from '../../keeper/v1/PublishResult.js';
import type { ReleaseRequest as _keeper_v1_ReleaseRequest, ReleaseRequest__Output as _keeper_v1_ReleaseRequest__Output } from '../../keeper/v1/ReleaseRequest.js';
import type { ReleaseResponse as _keeper_v1_ReleaseResponse, ReleaseResponse__Output as _keeper_v1_ReleaseResponse__Output } from '../../keeper/v1/ReleaseResponse.js';
import type { RollbackRequest as _keeper_v1_RollbackRequest, RollbackRequest__Output as _keeper_v1_RollbackRequest__Output } from '../../keeper/v1/RollbackRequest.js';

export interface ConfigsClient extends grpc.Client {
  Apply(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_ApplyRequest, _keeper_v1_ApplyResponse__Output>;
  Apply(options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_ApplyRequest, _keeper_v1_ApplyResponse__Output>;
  apply(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_ApplyRequest, _keeper_v1_ApplyResponse__Output>;
  apply(options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_ApplyRequest, _keeper_v1_ApplyResponse__Output>;
  
  Get(argument: _keeper_v1_GetConfigRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ConfigView__Output>): grpc.ClientUnaryCall;
  Get(argument: _keeper_v1_GetConfigRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_ConfigView__Output>): grpc.ClientUnaryCall;
  Get(argument: _keeper_v1_GetConfigRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ConfigView__Output>): grpc.ClientUnaryCall;
  Get(argument: _keeper_v1_GetConfigRequest, callback: grpc.requestCallback<_keeper_v1_ConfigView__Output>): grpc.ClientUnaryCall;
  get(argument: _keeper_v1_GetConfigRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ConfigView__Output>): grpc.ClientUnaryCall;
  get(argument: _keeper_v1_GetConfigRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_ConfigView__Output>): grpc.ClientUnaryCall;
  get(argument: _keeper_v1_GetConfigRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ConfigView__Output>): grpc.ClientUnaryCall;
  get(argument: _keeper_v1_GetConfigRequest, callback: grpc.requestCallback<_keeper_v1_ConfigView__Output>): grpc.ClientUnaryCall;
  
  History(argument: _keeper_v1_HistoryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_HistoryResponse__Output>): grpc.ClientUnaryCall;
  History(argument: _keeper_v1_HistoryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_HistoryResponse__Output>): grpc.ClientUnaryCall;
  History(argument: _keeper_v1_HistoryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_HistoryResponse__Output>): grpc.ClientUnaryCall;
  History(argument: _keeper_v1_HistoryRequest, callback: grpc.requestCallback<_keeper_v1_HistoryResponse__Output>): grpc.ClientUnaryCall;
  history(argument: _keeper_v1_HistoryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_HistoryResponse__Output>): grpc.ClientUnaryCall;
  history(argument: _keeper_v1_HistoryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_HistoryResponse__Output>): grpc.ClientUnaryCall;
  history(argument: _keeper_v1_HistoryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_HistoryResponse__Output>): grpc.ClientUnaryCall;
  history(argument: _keeper_v1_HistoryRequest, callback: grpc.requestCallback<_keeper_v1_HistoryResponse__Output>): grpc.ClientUnaryCall;
  
  Ledger(argument: _keeper_v1_LedgerRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_LedgerView__Output>): grpc.ClientUnaryCall;
  Ledger(argument: _keeper_v1_LedgerRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_LedgerView__Output>): grpc.ClientUnaryCall;
  Ledger(argument: _keeper_v1_LedgerRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_LedgerView__Output>): grpc.ClientUnaryCall;
  Ledger(argument: _keeper_v1_LedgerRequest, callback: grpc.requestCallback<_keeper_v1_LedgerView__Output>): grpc.ClientUnaryCall;
  ledger(argument: _keeper_v1_LedgerRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_LedgerView__Output>): grpc.ClientUnaryCall;
  ledger(argument: _keeper_v1_LedgerRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_LedgerView__Output>): grpc.ClientUnaryCall;
  ledger(argument: _keeper_v1_LedgerRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_LedgerView__Output>): grpc.ClientUnaryCall;
  ledger(argument: _keeper_v1_LedgerRequest, callback: grpc.requestCallback<_keeper_v1_LedgerView__Output>): grpc.ClientUnaryCall;
  
  List(argument: _keeper_v1_ListConfigsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ListConfigsResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _keeper_v1_ListConfigsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_ListConfigsResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _keeper_v1_ListConfigsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ListConfigsResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _keeper_v1_ListConfigsRequest, callback: grpc.requestCallback<_keeper_v1_ListConfigsResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _keeper_v1_ListConfigsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ListConfigsResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _keeper_v1_ListConfigsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_ListConfigsResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _keeper_v1_ListConfigsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ListConfigsResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _keeper_v1_ListConfigsRequest, callback: grpc.requestCallback<_keeper_v1_ListConfigsResponse__Output>): grpc.ClientUnaryCall;
  
  Release(argument: _keeper_v1_ReleaseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ReleaseResponse__Output>): grpc.ClientUnaryCall;
  Release(argument: _keeper_v1_ReleaseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_ReleaseResponse__Output>): grpc.ClientUnaryCall;
  Release(argument: _keeper_v1_ReleaseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ReleaseResponse__Output>): grpc.ClientUnaryCall;
  Release(argument: _keeper_v1_ReleaseRequest, callback: grpc.requestCallback<_keeper_v1_ReleaseResponse__Output>): grpc.ClientUnaryCall;
  release(argument: _keeper_v1_ReleaseRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ReleaseResponse__Output>): grpc.ClientUnaryCall;
  release(argument: _keeper_v1_ReleaseRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_ReleaseResponse__Output>): grpc.ClientUnaryCall;
  release(argument: _keeper_v1_ReleaseRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ReleaseResponse__Output>): grpc.ClientUnaryCall;
  release(argument: _keeper_v1_ReleaseRequest, callback: grpc.requestCallback<_keeper_v1_ReleaseResponse__Output>): grpc.ClientUnaryCall;
  
  Rollback(argument: _keeper_v1_RollbackRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  Rollback(argument: _keeper_v1_RollbackRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  Rollback(argument: _keeper_v1_RollbackRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  Rollback(argument: _keeper_v1_RollbackRequest, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  rollback(argument: _keeper_v1_RollbackRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  rollback(argument: _keeper_v1_RollbackRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  rollback(argument: _keeper_v1_RollbackRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  rollback(argument: _keeper_v1_RollbackRequest, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  
  Watch(argument: _keeper_v1_GetConfigRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_ConfigView__Output>;
  Watch(argument: _keeper_v1_GetConfigRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_ConfigView__Output>;
  watch(argument: _keeper_v1_GetConfigRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_ConfigView__Output>;
  watch(argument: _keeper_v1_GetConfigRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_ConfigView__Output>;
  
  WatchLedger(argument: _keeper_v1_LedgerRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_LedgerView__Output>;
  WatchLedger(argument: _keeper_v1_LedgerRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_LedgerView__Output>;
  watchLedger(argument: _keeper_v1_LedgerRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_LedgerView__Output>;
  watchLedger(argument: _keeper_v1_LedgerRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_LedgerView__Output>;
  
}

export interface ConfigsHandlers extends grpc.UntypedServiceImplementation {
  Apply: grpc.handleBidiStreamingCall<_keeper_v1_ApplyRequest__Output, _keeper_v1_ApplyResponse>;
  
  Get: grpc.handleUnaryCall<_keeper_v1_GetConfigRequest__Output, _keeper_v1_ConfigView>;
  
  History: grpc.handleUnaryCall<_keeper_v1_HistoryRequest__Output, _keeper_v1_HistoryResponse>;
  
  Ledger: grpc.handleUnaryCall<_keeper_v1_LedgerRequest__Output, _keeper_v1_LedgerView>;
  
  List: grpc.handleUnaryCall<_keeper_v1_ListConfigsRequest__Output, _keeper_v1_ListConfigsResponse>;
  
  Release: grpc.handleUnaryCall<_keeper_v1_ReleaseRequest__Output, _keeper_v1_ReleaseResponse>;
  
  Rollback: grpc.handleUnaryCall<_keeper_v1_RollbackRequest__Output, _keeper_v1_PublishResult>;
  
  Watch: grpc.handleServerStreamingCall<_keeper_v1_GetConfigRequest__Output, _keeper_v1_ConfigView>;
  
  WatchLedger: grpc.handleServerStreamingCall<_keeper_v1_LedgerRequest__Output, _keeper_v1_LedgerView>;
  
}

export interface ConfigsDefinition extends grpc.ServiceDefinition {
  Apply: MethodDefinition<_keeper_v1_ApplyRequest, _keeper_v1_ApplyResponse, _keeper_v1_ApplyRequest__Output, _keeper_v1_ApplyResponse__Output>
  Get: MethodDefinition<_keeper_v1_GetConfigRequest, _keeper_v1_ConfigView, _keeper_v1_GetConfigRequest__Output, _keeper_v1_ConfigView__Output>
  History: MethodDefinition<_keeper_v1_HistoryRequest, _keeper_v1_HistoryResponse, _keeper_v1_HistoryRequest__Output, _keeper_v1_HistoryResponse__Output>
  Ledger: MethodDefinition<_keeper_v1_LedgerRequest, _keeper_v1_LedgerView, _keeper_v1_LedgerRequest__Output, _keeper_v1_LedgerView__Output>
  List: MethodDefinition<_keeper_v1_ListConfigsRequest, _keeper_v1_ListConfigsResponse, _keeper_v1_ListConfigsRequest__Output, _keeper_v1_ListConfigsResponse__Output>
  Release: MethodDefinition<_keeper_v1_ReleaseRequest, _keeper_v1_ReleaseResponse, _keeper_v1_ReleaseRequest__Output, _keeper_v1_ReleaseResponse__Output>
  Rollback: MethodDefinition<_keeper_v1_RollbackRequest, _keeper_v1_PublishResult, _keeper_v1_RollbackRequest__Output, _keeper_v1_PublishResult__Output>
  Watch: MethodDefinition<_keeper_v1_GetConfigRequest, _keeper_v1_ConfigView, _keeper_v1_GetConfigRequest__Output, _keeper_v1_ConfigView__Output>
  WatchLedger: MethodDefinition<_keeper_v1_LedgerRequest, _keeper_v1_LedgerView, _keeper_v1_LedgerRequest__Output, _keeper_v1_LedgerView__Output>
}
