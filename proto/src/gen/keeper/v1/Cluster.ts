// Original file: proto/keeper/v1/admin.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { InstancesRequest as _keeper_v1_InstancesRequest, InstancesRequest__Output as _keeper_v1_InstancesRequest__Output } from '../../keeper/v1/InstancesRequest.js';
import type { InstancesResponse as _keeper_v1_InstancesResponse, InstancesResponse__Output as _keeper_v1_InstancesResponse__Output } from '../../keeper/v1/InstancesResponse.js';
import type { StatusRequest as _keeper_v1_StatusRequest, StatusRequest__Output as _keeper_v1_StatusRequest__Output } from '../../keeper/v1/StatusRequest.js';
import type { StatusResponse as _keeper_v1_StatusResponse, StatusResponse__Output as _keeper_v1_StatusResponse__Output } from '../../keeper/v1/StatusResponse.js';

export interface ClusterClient extends grpc.Client {
  Instances(argument: _keeper_v1_InstancesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_InstancesResponse__Output>): grpc.ClientUnaryCall;
  Instances(argument: _keeper_v1_InstancesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_InstancesResponse__Output>): grpc.ClientUnaryCall;
  Instances(argument: _keeper_v1_InstancesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_InstancesResponse__Output>): grpc.ClientUnaryCall;
  Instances(argument: _keeper_v1_InstancesRequest, callback: grpc.requestCallback<_keeper_v1_InstancesResponse__Output>): grpc.ClientUnaryCall;
  instances(argument: _keeper_v1_InstancesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_InstancesResponse__Output>): grpc.ClientUnaryCall;
  instances(argument: _keeper_v1_InstancesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_InstancesResponse__Output>): grpc.ClientUnaryCall;
  instances(argument: _keeper_v1_InstancesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_InstancesResponse__Output>): grpc.ClientUnaryCall;
  instances(argument: _keeper_v1_InstancesRequest, callback: grpc.requestCallback<_keeper_v1_InstancesResponse__Output>): grpc.ClientUnaryCall;
  
  Status(argument: _keeper_v1_StatusRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_StatusResponse__Output>): grpc.ClientUnaryCall;
  Status(argument: _keeper_v1_StatusRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_StatusResponse__Output>): grpc.ClientUnaryCall;
  Status(argument: _keeper_v1_StatusRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_StatusResponse__Output>): grpc.ClientUnaryCall;
  Status(argument: _keeper_v1_StatusRequest, callback: grpc.requestCallback<_keeper_v1_StatusResponse__Output>): grpc.ClientUnaryCall;
  status(argument: _keeper_v1_StatusRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_StatusResponse__Output>): grpc.ClientUnaryCall;
  status(argument: _keeper_v1_StatusRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_StatusResponse__Output>): grpc.ClientUnaryCall;
  status(argument: _keeper_v1_StatusRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_StatusResponse__Output>): grpc.ClientUnaryCall;
  status(argument: _keeper_v1_StatusRequest, callback: grpc.requestCallback<_keeper_v1_StatusResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface ClusterHandlers extends grpc.UntypedServiceImplementation {
  Instances: grpc.handleUnaryCall<_keeper_v1_InstancesRequest__Output, _keeper_v1_InstancesResponse>;
  
  Status: grpc.handleUnaryCall<_keeper_v1_StatusRequest__Output, _keeper_v1_StatusResponse>;
  
}

export interface ClusterDefinition extends grpc.ServiceDefinition {
  Instances: MethodDefinition<_keeper_v1_InstancesRequest, _keeper_v1_InstancesResponse, _keeper_v1_InstancesRequest__Output, _keeper_v1_InstancesResponse__Output>
  Status: MethodDefinition<_keeper_v1_StatusRequest, _keeper_v1_StatusResponse, _keeper_v1_StatusRequest__Output, _keeper_v1_StatusResponse__Output>
}
