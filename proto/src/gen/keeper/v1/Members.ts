// Original file: proto/keeper/v1/admin.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AddMemberRequest as _keeper_v1_AddMemberRequest, AddMemberRequest__Output as _keeper_v1_AddMemberRequest__Output } from '../../keeper/v1/AddMemberRequest.js';
import type { ListMembersRequest as _keeper_v1_ListMembersRequest, ListMembersRequest__Output as _keeper_v1_ListMembersRequest__Output } from '../../keeper/v1/ListMembersRequest.js';
import type { MembersResponse as _keeper_v1_MembersResponse, MembersResponse__Output as _keeper_v1_MembersResponse__Output } from '../../keeper/v1/MembersResponse.js';
import type { PromoteMemberRequest as _keeper_v1_PromoteMemberRequest, PromoteMemberRequest__Output as _keeper_v1_PromoteMemberRequest__Output } from '../../keeper/v1/PromoteMemberRequest.js';
import type { RemoveMemberRequest as _keeper_v1_RemoveMemberRequest, RemoveMemberRequest__Output as _keeper_v1_RemoveMemberRequest__Output } from '../../keeper/v1/RemoveMemberRequest.js';
import type { TransferLeadershipRequest as _keeper_v1_TransferLeadershipRequest, TransferLeadershipRequest__Output as _keeper_v1_TransferLeadershipRequest__Output } from '../../keeper/v1/TransferLeadershipRequest.js';

export interface MembersClient extends grpc.Client {
  Add(argument: _keeper_v1_AddMemberRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  Add(argument: _keeper_v1_AddMemberRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  Add(argument: _keeper_v1_AddMemberRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  Add(argument: _keeper_v1_AddMemberRequest, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  add(argument: _keeper_v1_AddMemberRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  add(argument: _keeper_v1_AddMemberRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  add(argument: _keeper_v1_AddMemberRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  add(argument: _keeper_v1_AddMemberRequest, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  
  List(argument: _keeper_v1_ListMembersRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _keeper_v1_ListMembersRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _keeper_v1_ListMembersRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _keeper_v1_ListMembersRequest, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _keeper_v1_ListMembersRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _keeper_v1_ListMembersRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _keeper_v1_ListMembersRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _keeper_v1_ListMembersRequest, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  
  Promote(argument: _keeper_v1_PromoteMemberRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  Promote(argument: _keeper_v1_PromoteMemberRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  Promote(argument: _keeper_v1_PromoteMemberRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  Promote(argument: _keeper_v1_PromoteMemberRequest, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  promote(argument: _keeper_v1_PromoteMemberRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  promote(argument: _keeper_v1_PromoteMemberRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  promote(argument: _keeper_v1_PromoteMemberRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  promote(argument: _keeper_v1_PromoteMemberRequest, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  
  Remove(argument: _keeper_v1_RemoveMemberRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  Remove(argument: _keeper_v1_RemoveMemberRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  Remove(argument: _keeper_v1_RemoveMemberRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  Remove(argument: _keeper_v1_RemoveMemberRequest, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  remove(argument: _keeper_v1_RemoveMemberRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  remove(argument: _keeper_v1_RemoveMemberRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  remove(argument: _keeper_v1_RemoveMemberRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  remove(argument: _keeper_v1_RemoveMemberRequest, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  
  TransferLeadership(argument: _keeper_v1_TransferLeadershipRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  TransferLeadership(argument: _keeper_v1_TransferLeadershipRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  TransferLeadership(argument: _keeper_v1_TransferLeadershipRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  TransferLeadership(argument: _keeper_v1_TransferLeadershipRequest, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  transferLeadership(argument: _keeper_v1_TransferLeadershipRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  transferLeadership(argument: _keeper_v1_TransferLeadershipRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  transferLeadership(argument: _keeper_v1_TransferLeadershipRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  transferLeadership(argument: _keeper_v1_TransferLeadershipRequest, callback: grpc.requestCallback<_keeper_v1_MembersResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface MembersHandlers extends grpc.UntypedServiceImplementation {
  Add: grpc.handleUnaryCall<_keeper_v1_AddMemberRequest__Output, _keeper_v1_MembersResponse>;
  
  List: grpc.handleUnaryCall<_keeper_v1_ListMembersRequest__Output, _keeper_v1_MembersResponse>;
  
  Promote: grpc.handleUnaryCall<_keeper_v1_PromoteMemberRequest__Output, _keeper_v1_MembersResponse>;
  
  Remove: grpc.handleUnaryCall<_keeper_v1_RemoveMemberRequest__Output, _keeper_v1_MembersResponse>;
  
  TransferLeadership: grpc.handleUnaryCall<_keeper_v1_TransferLeadershipRequest__Output, _keeper_v1_MembersResponse>;
  
}

export interface MembersDefinition extends grpc.ServiceDefinition {
  Add: MethodDefinition<_keeper_v1_AddMemberRequest, _keeper_v1_MembersResponse, _keeper_v1_AddMemberRequest__Output, _keeper_v1_MembersResponse__Output>
  List: MethodDefinition<_keeper_v1_ListMembersRequest, _keeper_v1_MembersResponse, _keeper_v1_ListMembersRequest__Output, _keeper_v1_MembersResponse__Output>
  Promote: MethodDefinition<_keeper_v1_PromoteMemberRequest, _keeper_v1_MembersResponse, _keeper_v1_PromoteMemberRequest__Output, _keeper_v1_MembersResponse__Output>
  Remove: MethodDefinition<_keeper_v1_RemoveMemberRequest, _keeper_v1_MembersResponse, _keeper_v1_RemoveMemberRequest__Output, _keeper_v1_MembersResponse__Output>
  TransferLeadership: MethodDefinition<_keeper_v1_TransferLeadershipRequest, _keeper_v1_MembersResponse, _keeper_v1_TransferLeadershipRequest__Output, _keeper_v1_MembersResponse__Output>
}
