// Original file: proto/keeper/v1/control.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ChangeSetsRequest as _keeper_v1_ChangeSetsRequest, ChangeSetsRequest__Output as _keeper_v1_ChangeSetsRequest__Output } from '../../keeper/v1/ChangeSetsRequest.js';
import type { ChangeSetsResponse as _keeper_v1_ChangeSetsResponse, ChangeSetsResponse__Output as _keeper_v1_ChangeSetsResponse__Output } from '../../keeper/v1/ChangeSetsResponse.js';
import type { EventBatch as _keeper_v1_EventBatch, EventBatch__Output as _keeper_v1_EventBatch__Output } from '../../keeper/v1/EventBatch.js';
import type { EventsRequest as _keeper_v1_EventsRequest, EventsRequest__Output as _keeper_v1_EventsRequest__Output } from '../../keeper/v1/EventsRequest.js';
import type { PendingRequest as _keeper_v1_PendingRequest, PendingRequest__Output as _keeper_v1_PendingRequest__Output } from '../../keeper/v1/PendingRequest.js';
import type { PendingResponse as _keeper_v1_PendingResponse, PendingResponse__Output as _keeper_v1_PendingResponse__Output } from '../../keeper/v1/PendingResponse.js';
import type { PendingSet as _keeper_v1_PendingSet, PendingSet__Output as _keeper_v1_PendingSet__Output } from '../../keeper/v1/PendingSet.js';
import type { PublishResult as _keeper_v1_PublishResult, PublishResult__Output as _keeper_v1_PublishResult__Output } from '../../keeper/v1/PublishResult.js';
import type { VerdictRequest as _keeper_v1_VerdictRequest, VerdictRequest__Output as _keeper_v1_VerdictRequest__Output } from '../../keeper/v1/VerdictRequest.js';

export interface ControlClient extends grpc.Client {
  Approve(argument: _keeper_v1_VerdictRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  Approve(argument: _keeper_v1_VerdictRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  Approve(argument: _keeper_v1_VerdictRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  Approve(argument: _keeper_v1_VerdictRequest, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  approve(argument: _keeper_v1_VerdictRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  approve(argument: _keeper_v1_VerdictRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  approve(argument: _keeper_v1_VerdictRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  approve(argument: _keeper_v1_VerdictRequest, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  
  ChangeSets(argument: _keeper_v1_ChangeSetsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ChangeSetsResponse__Output>): grpc.ClientUnaryCall;
  ChangeSets(argument: _keeper_v1_ChangeSetsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_ChangeSetsResponse__Output>): grpc.ClientUnaryCall;
  ChangeSets(argument: _keeper_v1_ChangeSetsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ChangeSetsResponse__Output>): grpc.ClientUnaryCall;
  ChangeSets(argument: _keeper_v1_ChangeSetsRequest, callback: grpc.requestCallback<_keeper_v1_ChangeSetsResponse__Output>): grpc.ClientUnaryCall;
  changeSets(argument: _keeper_v1_ChangeSetsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ChangeSetsResponse__Output>): grpc.ClientUnaryCall;
  changeSets(argument: _keeper_v1_ChangeSetsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_ChangeSetsResponse__Output>): grpc.ClientUnaryCall;
  changeSets(argument: _keeper_v1_ChangeSetsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ChangeSetsResponse__Output>): grpc.ClientUnaryCall;
  changeSets(argument: _keeper_v1_ChangeSetsRequest, callback: grpc.requestCallback<_keeper_v1_ChangeSetsResponse__Output>): grpc.ClientUnaryCall;
  
  Events(argument: _keeper_v1_EventsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_EventBatch__Output>;
  Events(argument: _keeper_v1_EventsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_EventBatch__Output>;
  events(argument: _keeper_v1_EventsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_EventBatch__Output>;
  events(argument: _keeper_v1_EventsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_EventBatch__Output>;
  
  Pending(argument: _keeper_v1_PendingRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PendingResponse__Output>): grpc.ClientUnaryCall;
  Pending(argument: _keeper_v1_PendingRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PendingResponse__Output>): grpc.ClientUnaryCall;
  Pending(argument: _keeper_v1_PendingRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PendingResponse__Output>): grpc.ClientUnaryCall;
  Pending(argument: _keeper_v1_PendingRequest, callback: grpc.requestCallback<_keeper_v1_PendingResponse__Output>): grpc.ClientUnaryCall;
  pending(argument: _keeper_v1_PendingRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PendingResponse__Output>): grpc.ClientUnaryCall;
  pending(argument: _keeper_v1_PendingRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PendingResponse__Output>): grpc.ClientUnaryCall;
  pending(argument: _keeper_v1_PendingRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PendingResponse__Output>): grpc.ClientUnaryCall;
  pending(argument: _keeper_v1_PendingRequest, callback: grpc.requestCallback<_keeper_v1_PendingResponse__Output>): grpc.ClientUnaryCall;
  
  Reject(argument: _keeper_v1_VerdictRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PendingSet__Output>): grpc.ClientUnaryCall;
  Reject(argument: _keeper_v1_VerdictRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PendingSet__Output>): grpc.ClientUnaryCall;
  Reject(argument: _keeper_v1_VerdictRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PendingSet__Output>): grpc.ClientUnaryCall;
  Reject(argument: _keeper_v1_VerdictRequest, callback: grpc.requestCallback<_keeper_v1_PendingSet__Output>): grpc.ClientUnaryCall;
  reject(argument: _keeper_v1_VerdictRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PendingSet__Output>): grpc.ClientUnaryCall;
  reject(argument: _keeper_v1_VerdictRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PendingSet__Output>): grpc.ClientUnaryCall;
  reject(argument: _keeper_v1_VerdictRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PendingSet__Output>): grpc.ClientUnaryCall;
  reject(argument: _keeper_v1_VerdictRequest, callback: grpc.requestCallback<_keeper_v1_PendingSet__Output>): grpc.ClientUnaryCall;
  
}

export interface ControlHandlers extends grpc.UntypedServiceImplementation {
  Approve: grpc.handleUnaryCall<_keeper_v1_VerdictRequest__Output, _keeper_v1_PublishResult>;
  
  ChangeSets: grpc.handleUnaryCall<_keeper_v1_ChangeSetsRequest__Output, _keeper_v1_ChangeSetsResponse>;
  
  Events: grpc.handleServerStreamingCall<_keeper_v1_EventsRequest__Output, _keeper_v1_EventBatch>;
  
  Pending: grpc.handleUnaryCall<_keeper_v1_PendingRequest__Output, _keeper_v1_PendingResponse>;
  
  Reject: grpc.handleUnaryCall<_keeper_v1_VerdictRequest__Output, _keeper_v1_PendingSet>;
  
}

export interface ControlDefinition extends grpc.ServiceDefinition {
  Approve: MethodDefinition<_keeper_v1_VerdictRequest, _keeper_v1_PublishResult, _keeper_v1_VerdictRequest__Output, _keeper_v1_PublishResult__Output>
  ChangeSets: MethodDefinition<_keeper_v1_ChangeSetsRequest, _keeper_v1_ChangeSetsResponse, _keeper_v1_ChangeSetsRequest__Output, _keeper_v1_ChangeSetsResponse__Output>
  Events: MethodDefinition<_keeper_v1_EventsRequest, _keeper_v1_EventBatch, _keeper_v1_EventsRequest__Output, _keeper_v1_EventBatch__Output>
  Pending: MethodDefinition<_keeper_v1_PendingRequest, _keeper_v1_PendingResponse, _keeper_v1_PendingRequest__Output, _keeper_v1_PendingResponse__Output>
  Reject: MethodDefinition<_keeper_v1_VerdictRequest, _keeper_v1_PendingSet, _keeper_v1_VerdictRequest__Output, _keeper_v1_PendingSet__Output>
}
