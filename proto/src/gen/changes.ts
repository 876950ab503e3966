import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Ack as _keeper_v1_Ack, Ack__Output as _keeper_v1_Ack__Output } from './keeper/v1/Ack.js';
import type { AckBatch as _keeper_v1_AckBatch, AckBatch__Output as _keeper_v1_AckBatch__Output } from './keeper/v1/AckBatch.js';
import type { AddMemberRequest as _keeper_v1_AddMemberRequest, AddMemberRequest__Output as _keeper_v1_AddMemberRequest__Output } from './keeper/v1/AddMemberRequest.js';
import type { ApplyFile as _keeper_v1_ApplyFile, ApplyFile__Output as _keeper_v1_ApplyFile__Output } from './keeper/v1/ApplyFile.js';
import type { ApplyHeader as _keeper_v1_ApplyHeader, ApplyHeader__Output as _keeper_v1_ApplyHeader__Output } from './keeper/v1/ApplyHeader.js';
import type { ApplyRequest as _keeper_v1_ApplyRequest, ApplyRequest__Output as _keeper_v1_ApplyRequest__Output } from './keeper/v1/ApplyRequest.js';
import type { ApplyResponse as _keeper_v1_ApplyResponse, ApplyResponse__Output as _keeper_v1_ApplyResponse__Output } from './keeper/v1/ApplyResponse.js';
import type { ChangesClient as _keeper_v1_ChangesClient, ChangesDefinition as _keeper_v1_ChangesDefinition } from './keeper/v1/Changes.js';
import type { ClientFrame as _keeper_v1_ClientFrame, ClientFrame__Output as _keeper_v1_ClientFrame__Output } from './keeper/v1/ClientFrame.js';
import type { ClusterClient as _keeper_v1_ClusterClient, ClusterDefinition as _keeper_v1_ClusterDefinition } from './keeper/v1/Cluster.js';
import type { Command as _keeper_v1_Command, Command__Output as _keeper_v1_Command__Output } from './keeper/v1/Command.js';
import type { CommandAck as _keeper_v1_CommandAck, CommandAck__Output as _keeper_v1_CommandAck__Output } from './keeper/v1/CommandAck.js';
import type { CommandAckBatch as _keeper_v1_CommandAckBatch, CommandAckBatch__Output as _keeper_v1_CommandAckBatch__Output } from './keeper/v1/CommandAckBatch.js';
import type { CommandBatch as _keeper_v1_CommandBatch, CommandBatch__Output as _keeper_v1_CommandBatch__Output } from './keeper/v1/CommandBatch.js';
import type { Compare as _keeper_v1_Compare, Compare__Output as _keeper_v1_Compare__Output } from './keeper/v1/Compare.js';
import type { ConfigChange as _keeper_v1_ConfigChange, ConfigChange__Output as _keeper_v1_ConfigChange__Output } from './keeper/v1/ConfigChange.js';
import type { ConfigDelta as _keeper_v1_ConfigDelta, ConfigDelta__Output as _keeper_v1_ConfigDelta__Output } from './keeper/v1/ConfigDelta.js';
import type { ConfigSummary as _keeper_v1_ConfigSummary, ConfigSummary__Output as _keeper_v1_ConfigSummary__Output } from './keeper/v1/ConfigSummary.js';
import type { ConfigView as _keeper_v1_ConfigView, ConfigView__Output as _keeper_v1_ConfigView__Output } from './keeper/v1/ConfigView.js';
import type { ConfigsClient as _keeper_v1_ConfigsClient, ConfigsDefinition as _keeper_v1_ConfigsDefinition } from './keeper/v1/Configs.js';
import type { DeleteRequest as _keeper_v1_DeleteRequest, DeleteRequest__Output as _keeper_v1_DeleteRequest__Output } from './keeper/v1/DeleteRequest.js';
import type { DeleteResult as _keeper_v1_DeleteResult, DeleteResult__Output as _keeper_v1_DeleteResult__Output } from './keeper/v1/DeleteResult.js';
import type { Diagnostic as _keeper_v1_Diagnostic, Diagnostic__Output as _keeper_v1_Diagnostic__Output } from './keeper/v1/Diagnostic.js';
import type { DiffRequest as _keeper_v1_DiffRequest, DiffRequest__Output as _keeper_v1_DiffRequest__Output } from './keeper/v1/DiffRequest.js';
import type { Discover as _keeper_v1_Discover, Discover__Output as _keeper_v1_Discover__Output } from './keeper/v1/Discover.js';
import type { EditHeader as _keeper_v1_EditHeader, EditHeader__Output as _keeper_v1_EditHeader__Output } from './keeper/v1/EditHeader.js';
import type { EditRequest as _keeper_v1_EditRequest, EditRequest__Output as _keeper_v1_EditRequest__Output } from './keeper/v1/EditRequest.js';
import type { ExplainRequest as _keeper_v1_ExplainRequest, ExplainRequest__Output as _keeper_v1_ExplainRequest__Output } from './keeper/v1/ExplainRequest.js';
import type { ExplainResponse as _keeper_v1_ExplainResponse, ExplainResponse__Output as _keeper_v1_ExplainResponse__Output } from './keeper/v1/ExplainResponse.js';
import type { ExplainedLayer as _keeper_v1_ExplainedLayer, ExplainedLayer__Output as _keeper_v1_ExplainedLayer__Output } from './keeper/v1/ExplainedLayer.js';
import type { ExplainedRef as _keeper_v1_ExplainedRef, ExplainedRef__Output as _keeper_v1_ExplainedRef__Output } from './keeper/v1/ExplainedRef.js';
import type { Explanation as _keeper_v1_Explanation, Explanation__Output as _keeper_v1_Explanation__Output } from './keeper/v1/Explanation.js';
import type { FilesRequest as _keeper_v1_FilesRequest, FilesRequest__Output as _keeper_v1_FilesRequest__Output } from './keeper/v1/FilesRequest.js';
import type { FollowRequest as _keeper_v1_FollowRequest, FollowRequest__Output as _keeper_v1_FollowRequest__Output } from './keeper/v1/FollowRequest.js';
import type { FollowView as _keeper_v1_FollowView, FollowView__Output as _keeper_v1_FollowView__Output } from './keeper/v1/FollowView.js';
import type { GetConfigRequest as _keeper_v1_GetConfigRequest, GetConfigRequest__Output as _keeper_v1_GetConfigRequest__Output } from './keeper/v1/GetConfigRequest.js';
import type { Goodbye as _keeper_v1_Goodbye, Goodbye__Output as _keeper_v1_Goodbye__Output } from './keeper/v1/Goodbye.js';
import type { GuardedRollbackRequest as _keeper_v1_GuardedRollbackRequest, GuardedRollbackRequest__Output as _keeper_v1_GuardedRollbackRequest__Output } from './keeper/v1/GuardedRollbackRequest.js';
import type { GuardedUndoRequest as _keeper_v1_GuardedUndoRequest, GuardedUndoRequest__Output as _keeper_v1_GuardedUndoRequest__Output } from './keeper/v1/GuardedUndoRequest.js';
import type { Heartbeat as _keeper_v1_Heartbeat, Heartbeat__Output as _keeper_v1_Heartbeat__Output } from './keeper/v1/Heartbeat.js';
import type { HeartbeatReply as _keeper_v1_HeartbeatReply, HeartbeatReply__Output as _keeper_v1_HeartbeatReply__Output } from './keeper/v1/HeartbeatReply.js';
import type { HeldConfig as _keeper_v1_HeldConfig, HeldConfig__Output as _keeper_v1_HeldConfig__Output } from './keeper/v1/HeldConfig.js';
import type { HeldName as _keeper_v1_HeldName, HeldName__Output as _keeper_v1_HeldName__Output } from './keeper/v1/HeldName.js';
import type { Hello as _keeper_v1_Hello, Hello__Output as _keeper_v1_Hello__Output } from './keeper/v1/Hello.js';
import type { HistoryEntry as _keeper_v1_HistoryEntry, HistoryEntry__Output as _keeper_v1_HistoryEntry__Output } from './keeper/v1/HistoryEntry.js';
import type { HistoryRequest as _keeper_v1_HistoryRequest, HistoryRequest__Output as _keeper_v1_HistoryRequest__Output } from './keeper/v1/HistoryRequest.js';
import type { HistoryResponse as _keeper_v1_HistoryResponse, HistoryResponse__Output as _keeper_v1_HistoryResponse__Output } from './keeper/v1/HistoryResponse.js';
import type { InstanceView as _keeper_v1_InstanceView, InstanceView__Output as _keeper_v1_InstanceView__Output } from './keeper/v1/InstanceView.js';
import type { InstancesRequest as _keeper_v1_InstancesRequest, InstancesRequest__Output as _keeper_v1_InstancesRequest__Output } from './keeper/v1/InstancesRequest.js';
import type { InstancesResponse as _keeper_v1_InstancesResponse, InstancesResponse__Output as _keeper_v1_InstancesResponse__Output } from './keeper/v1/InstancesResponse.js';
import type { KeyValue as _keeper_v1_KeyValue, KeyValue__Output as _keeper_v1_KeyValue__Output } from './keeper/v1/KeyValue.js';
import type { KvClient as _keeper_v1_KvClient, KvDefinition as _keeper_v1_KvDefinition } from './keeper/v1/Kv.js';
import type { KvCompactRequest as _keeper_v1_KvCompactRequest, KvCompactRequest__Output as _keeper_v1_KvCompactRequest__Output } from './keeper/v1/KvCompactRequest.js';
import type { KvCompactResponse as _keeper_v1_KvCompactResponse, KvCompactResponse__Output as _keeper_v1_KvCompactResponse__Output } from './keeper/v1/KvCompactResponse.js';
import type { KvEvent as _keeper_v1_KvEvent, KvEvent__Output as _keeper_v1_KvEvent__Output } from './keeper/v1/KvEvent.js';
import type { KvTxnRequest as _keeper_v1_KvTxnRequest, KvTxnRequest__Output as _keeper_v1_KvTxnRequest__Output } from './keeper/v1/KvTxnRequest.js';
import type { KvTxnResponse as _keeper_v1_KvTxnResponse, KvTxnResponse__Output as _keeper_v1_KvTxnResponse__Output } from './keeper/v1/KvTxnResponse.js';
import type { KvWatchRequest as _keeper_v1_KvWatchRequest, KvWatchRequest__Output as _keeper_v1_KvWatchRequest__Output } from './keeper/v1/KvWatchRequest.js';
import type { KvWatchResponse as _keeper_v1_KvWatchResponse, KvWatchResponse__Output as _keeper_v1_KvWatchResponse__Output } from './keeper/v1/KvWatchResponse.js';
import type { LeaseGrantRequest as _keeper_v1_LeaseGrantRequest, LeaseGrantRequest__Output as _keeper_v1_LeaseGrantRequest__Output } from './keeper/v1/LeaseGrantRequest.js';
import type { LeaseGrantResponse as _keeper_v1_LeaseGrantResponse, LeaseGrantResponse__Output as _keeper_v1_LeaseGrantResponse__Output } from './keeper/v1/LeaseGrantResponse.js';
import type { LeaseKeepAliveRequest as _keeper_v1_LeaseKeepAliveRequest, LeaseKeepAliveRequest__Output as _keeper_v1_LeaseKeepAliveRequest__Output } from './keeper/v1/LeaseKeepAliveRequest.js';
import type { LeaseKeepAliveResponse as _keeper_v1_LeaseKeepAliveResponse, LeaseKeepAliveResponse__Output as _keeper_v1_LeaseKeepAliveResponse__Output } from './keeper/v1/LeaseKeepAliveResponse.js';
import type { LeaseRevokeRequest as _keeper_v1_LeaseRevokeRequest, LeaseRevokeRequest__Output as _keeper_v1_LeaseRevokeRequest__Output } from './keeper/v1/LeaseRevokeRequest.js';
import type { LeaseRevokeResponse as _keeper_v1_LeaseRevokeResponse, LeaseRevokeResponse__Output as _keeper_v1_LeaseRevokeResponse__Output } from './keeper/v1/LeaseRevokeResponse.js';
import type { Leave as _keeper_v1_Leave, Leave__Output as _keeper_v1_Leave__Output } from './keeper/v1/Leave.js';
import type { LedgerRequest as _keeper_v1_LedgerRequest, LedgerRequest__Output as _keeper_v1_LedgerRequest__Output } from './keeper/v1/LedgerRequest.js';
import type { LedgerRow as _keeper_v1_LedgerRow, LedgerRow__Output as _keeper_v1_LedgerRow__Output } from './keeper/v1/LedgerRow.js';
import type { LedgerView as _keeper_v1_LedgerView, LedgerView__Output as _keeper_v1_LedgerView__Output } from './keeper/v1/LedgerView.js';
import type { ListConfigsRequest as _keeper_v1_ListConfigsRequest, ListConfigsRequest__Output as _keeper_v1_ListConfigsRequest__Output } from './keeper/v1/ListConfigsRequest.js';
import type { ListConfigsResponse as _keeper_v1_ListConfigsResponse, ListConfigsResponse__Output as _keeper_v1_ListConfigsResponse__Output } from './keeper/v1/ListConfigsResponse.js';
import type { ListMembersRequest as _keeper_v1_ListMembersRequest, ListMembersRequest__Output as _keeper_v1_ListMembersRequest__Output } from './keeper/v1/ListMembersRequest.js';
import type { LiveFile as _keeper_v1_LiveFile, LiveFile__Output as _keeper_v1_LiveFile__Output } from './keeper/v1/LiveFile.js';
import type { MemberStatus as _keeper_v1_MemberStatus, MemberStatus__Output as _keeper_v1_MemberStatus__Output } from './keeper/v1/MemberStatus.js';
import type { MembersClient as _keeper_v1_MembersClient, MembersDefinition as _keeper_v1_MembersDefinition } from './keeper/v1/Members.js';
import type { MembersResponse as _keeper_v1_MembersResponse, MembersResponse__Output as _keeper_v1_MembersResponse__Output } from './keeper/v1/MembersResponse.js';
import type { Operation as _keeper_v1_Operation, Operation__Output as _keeper_v1_Operation__Output } from './keeper/v1/Operation.js';
import type { OperationResult as _keeper_v1_OperationResult, OperationResult__Output as _keeper_v1_OperationResult__Output } from './keeper/v1/OperationResult.js';
import type { ParkedSet as _keeper_v1_ParkedSet, ParkedSet__Output as _keeper_v1_ParkedSet__Output } from './keeper/v1/ParkedSet.js';
import type { PathChange as _keeper_v1_PathChange, PathChange__Output as _keeper_v1_PathChange__Output } from './keeper/v1/PathChange.js';
import type { PlanGuard as _keeper_v1_PlanGuard, PlanGuard__Output as _keeper_v1_PlanGuard__Output } from './keeper/v1/PlanGuard.js';
import type { PlanHold as _keeper_v1_PlanHold, PlanHold__Output as _keeper_v1_PlanHold__Output } from './keeper/v1/PlanHold.js';
import type { PlanPiece as _keeper_v1_PlanPiece, PlanPiece__Output as _keeper_v1_PlanPiece__Output } from './keeper/v1/PlanPiece.js';
import type { PlanSummary as _keeper_v1_PlanSummary, PlanSummary__Output as _keeper_v1_PlanSummary__Output } from './keeper/v1/PlanSummary.js';
import type { PlannedConfig as _keeper_v1_PlannedConfig, PlannedConfig__Output as _keeper_v1_PlannedConfig__Output } from './keeper/v1/PlannedConfig.js';
import type { PlannedName as _keeper_v1_PlannedName, PlannedName__Output as _keeper_v1_PlannedName__Output } from './keeper/v1/PlannedName.js';
import type { PlannedOutcome as _keeper_v1_PlannedOutcome, PlannedOutcome__Output as _keeper_v1_PlannedOutcome__Output } from './keeper/v1/PlannedOutcome.js';
import type { Presence as _keeper_v1_Presence, Presence__Output as _keeper_v1_Presence__Output } from './keeper/v1/Presence.js';
import type { ProcessIdentity as _keeper_v1_ProcessIdentity, ProcessIdentity__Output as _keeper_v1_ProcessIdentity__Output } from './keeper/v1/ProcessIdentity.js';
import type { PromoteMemberRequest as _keeper_v1_PromoteMemberRequest, PromoteMemberRequest__Output as _keeper_v1_PromoteMemberRequest__Output } from './keeper/v1/PromoteMemberRequest.js';
import type { PublishResult as _keeper_v1_PublishResult, PublishResult__Output as _keeper_v1_PublishResult__Output } from './keeper/v1/PublishResult.js';
import type { Push as _keeper_v1_Push, Push__Output as _keeper_v1_Push__Output } from './keeper/v1/Push.js';
import type { PushChunk as _keeper_v1_PushChunk, PushChunk__Output as _keeper_v1_PushChunk__Output } from './keeper/v1/PushChunk.js';
import type { PutRequest as _keeper_v1_PutRequest, PutRequest__Output as _keeper_v1_PutRequest__Output } from './keeper/v1/PutRequest.js';
import type { PutResult as _keeper_v1_PutResult, PutResult__Output as _keeper_v1_PutResult__Output } from './keeper/v1/PutResult.js';
import type { RangeRequest as _keeper_v1_RangeRequest, RangeRequest__Output as _keeper_v1_RangeRequest__Output } from './keeper/v1/RangeRequest.js';
import type { RangeResponse as _keeper_v1_RangeResponse, RangeResponse__Output as _keeper_v1_RangeResponse__Output } from './keeper/v1/RangeResponse.js';
import type { ReleaseRequest as _keeper_v1_ReleaseRequest, ReleaseRequest__Output as _keeper_v1_ReleaseRequest__Output } from './keeper/v1/ReleaseRequest.js';
import type { ReleaseResponse as _keeper_v1_ReleaseResponse, ReleaseResponse__Output as _keeper_v1_ReleaseResponse__Output } from './keeper/v1/ReleaseResponse.js';
import type { RemoveMemberRequest as _keeper_v1_RemoveMemberRequest, RemoveMemberRequest__Output as _keeper_v1_RemoveMemberRequest__Output } from './keeper/v1/RemoveMemberRequest.js';
import type { Reply as _keeper_v1_Reply, Reply__Output as _keeper_v1_Reply__Output } from './keeper/v1/Reply.js';
import type { ReplyBatch as _keeper_v1_ReplyBatch, ReplyBatch__Output as _keeper_v1_ReplyBatch__Output } from './keeper/v1/ReplyBatch.js';
import type { Request as _keeper_v1_Request, Request__Output as _keeper_v1_Request__Output } from './keeper/v1/Request.js';
import type { RequestBatch as _keeper_v1_RequestBatch, RequestBatch__Output as _keeper_v1_RequestBatch__Output } from './keeper/v1/RequestBatch.js';
import type { RollbackRequest as _keeper_v1_RollbackRequest, RollbackRequest__Output as _keeper_v1_RollbackRequest__Output } from './keeper/v1/RollbackRequest.js';
import type { SaveSnapshotRequest as _keeper_v1_SaveSnapshotRequest, SaveSnapshotRequest__Output as _keeper_v1_SaveSnapshotRequest__Output } from './keeper/v1/SaveSnapshotRequest.js';
import type { ServerFrame as _keeper_v1_ServerFrame, ServerFrame__Output as _keeper_v1_ServerFrame__Output } from './keeper/v1/ServerFrame.js';
import type { SessionsClient as _keeper_v1_SessionsClient, SessionsDefinition as _keeper_v1_SessionsDefinition } from './keeper/v1/Sessions.js';
import type { SnapshotPiece as _keeper_v1_SnapshotPiece, SnapshotPiece__Output as _keeper_v1_SnapshotPiece__Output } from './keeper/v1/SnapshotPiece.js';
import type { SnapshotsClient as _keeper_v1_SnapshotsClient, SnapshotsDefinition as _keeper_v1_SnapshotsDefinition } from './keeper/v1/Snapshots.js';
import type { SourcePrefix as _keeper_v1_SourcePrefix, SourcePrefix__Output as _keeper_v1_SourcePrefix__Output } from './keeper/v1/SourcePrefix.js';
import type { SourceStatus as _keeper_v1_SourceStatus, SourceStatus__Output as _keeper_v1_SourceStatus__Output } from './keeper/v1/SourceStatus.js';
import type { Status as _keeper_v1_Status, Status__Output as _keeper_v1_Status__Output } from './keeper/v1/Status.js';
import type { StatusRequest as _keeper_v1_StatusRequest, StatusRequest__Output as _keeper_v1_StatusRequest__Output } from './keeper/v1/StatusRequest.js';
import type { StatusResponse as _keeper_v1_StatusResponse, StatusResponse__Output as _keeper_v1_StatusResponse__Output } from './keeper/v1/StatusResponse.js';
import type { Subscribe as _keeper_v1_Subscribe, Subscribe__Output as _keeper_v1_Subscribe__Output } from './keeper/v1/Subscribe.js';
import type { SubscribeFailure as _keeper_v1_SubscribeFailure, SubscribeFailure__Output as _keeper_v1_SubscribeFailure__Output } from './keeper/v1/SubscribeFailure.js';
import type { SubscribeResult as _keeper_v1_SubscribeResult, SubscribeResult__Output as _keeper_v1_SubscribeResult__Output } from './keeper/v1/SubscribeResult.js';
import type { TelemetryBatch as _keeper_v1_TelemetryBatch, TelemetryBatch__Output as _keeper_v1_TelemetryBatch__Output } from './keeper/v1/TelemetryBatch.js';
import type { TransferLeadershipRequest as _keeper_v1_TransferLeadershipRequest, TransferLeadershipRequest__Output as _keeper_v1_TransferLeadershipRequest__Output } from './keeper/v1/TransferLeadershipRequest.js';
import type { TxnRequest as _keeper_v1_TxnRequest, TxnRequest__Output as _keeper_v1_TxnRequest__Output } from './keeper/v1/TxnRequest.js';
import type { TxnResponse as _keeper_v1_TxnResponse, TxnResponse__Output as _keeper_v1_TxnResponse__Output } from './keeper/v1/TxnResponse.js';
import type { TypeChange as _keeper_v1_TypeChange, TypeChange__Output as _keeper_v1_TypeChange__Output } from './keeper/v1/TypeChange.js';
import type { UndoRequest as _keeper_v1_UndoRequest, UndoRequest__Output as _keeper_v1_UndoRequest__Output } from './keeper/v1/UndoRequest.js';
import type { Welcome as _keeper_v1_Welcome, Welcome__Output as _keeper_v1_Welcome__Output } from './keeper/v1/Welcome.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  keeper: {
    v1: {
      Ack: MessageTypeDefinition<_keeper_v1_Ack, _keeper_v1_Ack__Output>
      AckBatch: MessageTypeDefinition<_keeper_v1_AckBatch, _keeper_v1_AckBatch__Output>
      AckState: EnumTypeDefinition
      AddMemberRequest: MessageTypeDefinition<_keeper_v1_AddMemberRequest, _keeper_v1_AddMemberRequest__Output>
      ApplyFile: MessageTypeDefinition<_keeper_v1_ApplyFile, _keeper_v1_ApplyFile__Output>
      ApplyHeader: MessageTypeDefinition<_keeper_v1_ApplyHeader, _keeper_v1_ApplyHeader__Output>
      ApplyRequest: MessageTypeDefinition<_keeper_v1_ApplyRequest, _keeper_v1_ApplyRequest__Output>
      ApplyResponse: MessageTypeDefinition<_keeper_v1_ApplyResponse, _keeper_v1_ApplyResponse__Output>
      Changes: SubtypeConstructor<typeof grpc.Client, _keeper_v1_ChangesClient> & { service: _keeper_v1_ChangesDefinition }
      ClientFrame: MessageTypeDefinition<_keeper_v1_ClientFrame, _keeper_v1_ClientFrame__Output>
      Cluster: SubtypeConstructor<typeof grpc.Client, _keeper_v1_ClusterClient> & { service: _keeper_v1_ClusterDefinition }
      Command: MessageTypeDefinition<_keeper_v1_Command, _keeper_v1_Command__Output>
      CommandAck: MessageTypeDefinition<_keeper_v1_CommandAck, _keeper_v1_CommandAck__Output>
      CommandAckBatch: MessageTypeDefinition<_keeper_v1_CommandAckBatch, _keeper_v1_CommandAckBatch__Output>
      CommandBatch: MessageTypeDefinition<_keeper_v1_CommandBatch, _keeper_v1_CommandBatch__Output>
      Compare: MessageTypeDefinition<_keeper_v1_Compare, _keeper_v1_Compare__Output>
      ConfigChange: MessageTypeDefinition<_keeper_v1_ConfigChange, _keeper_v1_ConfigChange__Output>
      ConfigDelta: MessageTypeDefinition<_keeper_v1_ConfigDelta, _keeper_v1_ConfigDelta__Output>
      ConfigSummary: MessageTypeDefinition<_keeper_v1_ConfigSummary, _keeper_v1_ConfigSummary__Output>
      ConfigView: MessageTypeDefinition<_keeper_v1_ConfigView, _keeper_v1_ConfigView__Output>
      Configs: SubtypeConstructor<typeof grpc.Client, _keeper_v1_ConfigsClient> & { service: _keeper_v1_ConfigsDefinition }
      DeleteRequest: MessageTypeDefinition<_keeper_v1_DeleteRequest, _keeper_v1_DeleteRequest__Output>
      DeleteResult: MessageTypeDefinition<_keeper_v1_DeleteResult, _keeper_v1_DeleteResult__Output>
      Diagnostic: MessageTypeDefinition<_keeper_v1_Diagnostic, _keeper_v1_Diagnostic__Output>
      DiffRequest: MessageTypeDefinition<_keeper_v1_DiffRequest, _keeper_v1_DiffRequest__Output>
      Discover: MessageTypeDefinition<_keeper_v1_Discover, _keeper_v1_Discover__Output>
      EditHeader: MessageTypeDefinition<_keeper_v1_EditHeader, _keeper_v1_EditHeader__Output>
      EditRequest: MessageTypeDefinition<_keeper_v1_EditRequest, _keeper_v1_EditRequest__Output>
      ExplainRequest: MessageTypeDefinition<_keeper_v1_ExplainRequest, _keeper_v1_ExplainRequest__Output>
      ExplainResponse: MessageTypeDefinition<_keeper_v1_ExplainResponse, _keeper_v1_ExplainResponse__Output>
      ExplainedLayer: MessageTypeDefinition<_keeper_v1_ExplainedLayer, _keeper_v1_ExplainedLayer__Output>
      ExplainedRef: MessageTypeDefinition<_keeper_v1_ExplainedRef, _keeper_v1_ExplainedRef__Output>
      Explanation: MessageTypeDefinition<_keeper_v1_Explanation, _keeper_v1_Explanation__Output>
      FilesRequest: MessageTypeDefinition<_keeper_v1_FilesRequest, _keeper_v1_FilesRequest__Output>
      FollowRequest: MessageTypeDefinition<_keeper_v1_FollowRequest, _keeper_v1_FollowRequest__Output>
      FollowView: MessageTypeDefinition<_keeper_v1_FollowView, _keeper_v1_FollowView__Output>
      GetConfigRequest: MessageTypeDefinition<_keeper_v1_GetConfigRequest, _keeper_v1_GetConfigRequest__Output>
      Goodbye: MessageTypeDefinition<_keeper_v1_Goodbye, _keeper_v1_Goodbye__Output>
      GuardedRollbackRequest: MessageTypeDefinition<_keeper_v1_GuardedRollbackRequest, _keeper_v1_GuardedRollbackRequest__Output>
      GuardedUndoRequest: MessageTypeDefinition<_keeper_v1_GuardedUndoRequest, _keeper_v1_GuardedUndoRequest__Output>
      Heartbeat: MessageTypeDefinition<_keeper_v1_Heartbeat, _keeper_v1_Heartbeat__Output>
      HeartbeatReply: MessageTypeDefinition<_keeper_v1_HeartbeatReply, _keeper_v1_HeartbeatReply__Output>
      HeldConfig: MessageTypeDefinition<_keeper_v1_HeldConfig, _keeper_v1_HeldConfig__Output>
      HeldName: MessageTypeDefinition<_keeper_v1_HeldName, _keeper_v1_HeldName__Output>
      Hello: MessageTypeDefinition<_keeper_v1_Hello, _keeper_v1_Hello__Output>
      HistoryEntry: MessageTypeDefinition<_keeper_v1_HistoryEntry, _keeper_v1_HistoryEntry__Output>
      HistoryRequest: MessageTypeDefinition<_keeper_v1_HistoryRequest, _keeper_v1_HistoryRequest__Output>
      HistoryResponse: MessageTypeDefinition<_keeper_v1_HistoryResponse, _keeper_v1_HistoryResponse__Output>
      InstanceView: MessageTypeDefinition<_keeper_v1_InstanceView, _keeper_v1_InstanceView__Output>
      InstancesRequest: MessageTypeDefinition<_keeper_v1_InstancesRequest, _keeper_v1_InstancesRequest__Output>
      InstancesResponse: MessageTypeDefinition<_keeper_v1_InstancesResponse, _keeper_v1_InstancesResponse__Output>
      KeyValue: MessageTypeDefinition<_keeper_v1_KeyValue, _keeper_v1_KeyValue__Output>
      Kv: SubtypeConstructor<typeof grpc.Client, _keeper_v1_KvClient> & { service: _keeper_v1_KvDefinition }
      KvCompactRequest: MessageTypeDefinition<_keeper_v1_KvCompactRequest, _keeper_v1_KvCompactRequest__Output>
      KvCompactResponse: MessageTypeDefinition<_keeper_v1_KvCompactResponse, _keeper_v1_KvCompactResponse__Output>
      KvEvent: MessageTypeDefinition<_keeper_v1_KvEvent, _keeper_v1_KvEvent__Output>
      KvTxnRequest: MessageTypeDefinition<_keeper_v1_KvTxnRequest, _keeper_v1_KvTxnRequest__Output>
      KvTxnResponse: MessageTypeDefinition<_keeper_v1_KvTxnResponse, _keeper_v1_KvTxnResponse__Output>
      KvWatchRequest: MessageTypeDefinition<_keeper_v1_KvWatchRequest, _keeper_v1_KvWatchRequest__Output>
      KvWatchResponse: MessageTypeDefinition<_keeper_v1_KvWatchResponse, _keeper_v1_KvWatchResponse__Output>
      LeaseGrantRequest: MessageTypeDefinition<_keeper_v1_LeaseGrantRequest, _keeper_v1_LeaseGrantRequest__Output>
      LeaseGrantResponse: MessageTypeDefinition<_keeper_v1_LeaseGrantResponse, _keeper_v1_LeaseGrantResponse__Output>
      LeaseKeepAliveRequest: MessageTypeDefinition<_keeper_v1_LeaseKeepAliveRequest, _keeper_v1_LeaseKeepAliveRequest__Output>
      LeaseKeepAliveResponse: MessageTypeDefinition<_keeper_v1_LeaseKeepAliveResponse, _keeper_v1_LeaseKeepAliveResponse__Output>
      LeaseRevokeRequest: MessageTypeDefinition<_keeper_v1_LeaseRevokeRequest, _keeper_v1_LeaseRevokeRequest__Output>
      LeaseRevokeResponse: MessageTypeDefinition<_keeper_v1_LeaseRevokeResponse, _keeper_v1_LeaseRevokeResponse__Output>
      Leave: MessageTypeDefinition<_keeper_v1_Leave, _keeper_v1_Leave__Output>
      LedgerRequest: MessageTypeDefinition<_keeper_v1_LedgerRequest, _keeper_v1_LedgerRequest__Output>
      LedgerRow: MessageTypeDefinition<_keeper_v1_LedgerRow, _keeper_v1_LedgerRow__Output>
      LedgerView: MessageTypeDefinition<_keeper_v1_LedgerView, _keeper_v1_LedgerView__Output>
      ListConfigsRequest: MessageTypeDefinition<_keeper_v1_ListConfigsRequest, _keeper_v1_ListConfigsRequest__Output>
      ListConfigsResponse: MessageTypeDefinition<_keeper_v1_ListConfigsResponse, _keeper_v1_ListConfigsResponse__Output>
      ListMembersRequest: MessageTypeDefinition<_keeper_v1_ListMembersRequest, _keeper_v1_ListMembersRequest__Output>
      LiveFile: MessageTypeDefinition<_keeper_v1_LiveFile, _keeper_v1_LiveFile__Output>
      MemberStatus: MessageTypeDefinition<_keeper_v1_MemberStatus, _keeper_v1_MemberStatus__Output>
      Members: SubtypeConstructor<typeof grpc.Client, _keeper_v1_MembersClient> & { service: _keeper_v1_MembersDefinition }
      MembersResponse: MessageTypeDefinition<_keeper_v1_MembersResponse, _keeper_v1_MembersResponse__Output>
      Operation: MessageTypeDefinition<_keeper_v1_Operation, _keeper_v1_Operation__Output>
      OperationResult: MessageTypeDefinition<_keeper_v1_OperationResult, _keeper_v1_OperationResult__Output>
      ParkedSet: MessageTypeDefinition<_keeper_v1_ParkedSet, _keeper_v1_ParkedSet__Output>
      PathChange: MessageTypeDefinition<_keeper_v1_PathChange, _keeper_v1_PathChange__Output>
      PlanGuard: MessageTypeDefinition<_keeper_v1_PlanGuard, _keeper_v1_PlanGuard__Output>
      PlanHold: MessageTypeDefinition<_keeper_v1_PlanHold, _keeper_v1_PlanHold__Output>
      PlanPiece: MessageTypeDefinition<_keeper_v1_PlanPiece, _keeper_v1_PlanPiece__Output>
      PlanSummary: MessageTypeDefinition<_keeper_v1_PlanSummary, _keeper_v1_PlanSummary__Output>
      PlannedConfig: MessageTypeDefinition<_keeper_v1_PlannedConfig, _keeper_v1_PlannedConfig__Output>
      PlannedName: MessageTypeDefinition<_keeper_v1_PlannedName, _keeper_v1_PlannedName__Output>
      PlannedOutcome: MessageTypeDefinition<_keeper_v1_PlannedOutcome, _keeper_v1_PlannedOutcome__Output>
      Presence: MessageTypeDefinition<_keeper_v1_Presence, _keeper_v1_Presence__Output>
      ProcessIdentity: MessageTypeDefinition<_keeper_v1_ProcessIdentity, _keeper_v1_ProcessIdentity__Output>
      PromoteMemberRequest: MessageTypeDefinition<_keeper_v1_PromoteMemberRequest, _keeper_v1_PromoteMemberRequest__Output>
      PublishResult: MessageTypeDefinition<_keeper_v1_PublishResult, _keeper_v1_PublishResult__Output>
      Push: MessageTypeDefinition<_keeper_v1_Push, _keeper_v1_Push__Output>
      PushChunk: MessageTypeDefinition<_keeper_v1_PushChunk, _keeper_v1_PushChunk__Output>
      PutRequest: MessageTypeDefinition<_keeper_v1_PutRequest, _keeper_v1_PutRequest__Output>
      PutResult: MessageTypeDefinition<_keeper_v1_PutResult, _keeper_v1_PutResult__Output>
      RangeRequest: MessageTypeDefinition<_keeper_v1_RangeRequest, _keeper_v1_RangeRequest__Output>
      RangeResponse: MessageTypeDefinition<_keeper_v1_RangeResponse, _keeper_v1_RangeResponse__Output>
      ReleaseRequest: MessageTypeDefinition<_keeper_v1_ReleaseRequest, _keeper_v1_ReleaseRequest__Output>
      ReleaseResponse: MessageTypeDefinition<_keeper_v1_ReleaseResponse, _keeper_v1_ReleaseResponse__Output>
      RemoveMemberRequest: MessageTypeDefinition<_keeper_v1_RemoveMemberRequest, _keeper_v1_RemoveMemberRequest__Output>
      Reply: MessageTypeDefinition<_keeper_v1_Reply, _keeper_v1_Reply__Output>
      ReplyBatch: MessageTypeDefinition<_keeper_v1_ReplyBatch, _keeper_v1_ReplyBatch__Output>
      Request: MessageTypeDefinition<_keeper_v1_Request, _keeper_v1_Request__Output>
      RequestBatch: MessageTypeDefinition<_keeper_v1_RequestBatch, _keeper_v1_RequestBatch__Output>
      RollbackRequest: MessageTypeDefinition<_keeper_v1_RollbackRequest, _keeper_v1_RollbackRequest__Output>
      SaveSnapshotRequest: MessageTypeDefinition<_keeper_v1_SaveSnapshotRequest, _keeper_v1_SaveSnapshotRequest__Output>
      ServerFrame: MessageTypeDefinition<_keeper_v1_ServerFrame, _keeper_v1_ServerFrame__Output>
      Sessions: SubtypeConstructor<typeof grpc.Client, _keeper_v1_SessionsClient> & { service: _keeper_v1_SessionsDefinition }
      SnapshotPiece: MessageTypeDefinition<_keeper_v1_SnapshotPiece, _keeper_v1_SnapshotPiece__Output>
      Snapshots: SubtypeConstructor<typeof grpc.Client, _keeper_v1_SnapshotsClient> & { service: _keeper_v1_SnapshotsDefinition }
      SourcePrefix: MessageTypeDefinition<_keeper_v1_SourcePrefix, _keeper_v1_SourcePrefix__Output>
      SourceStatus: MessageTypeDefinition<_keeper_v1_SourceStatus, _keeper_v1_SourceStatus__Output>
      Status: MessageTypeDefinition<_keeper_v1_Status, _keeper_v1_Status__Output>
      StatusRequest: MessageTypeDefinition<_keeper_v1_StatusRequest, _keeper_v1_StatusRequest__Output>
      StatusResponse: MessageTypeDefinition<_keeper_v1_StatusResponse, _keeper_v1_StatusResponse__Output>
      Subscribe: MessageTypeDefinition<_keeper_v1_Subscribe, _keeper_v1_Subscribe__Output>
      SubscribeFailure: MessageTypeDefinition<_keeper_v1_SubscribeFailure, _keeper_v1_SubscribeFailure__Output>
      SubscribeResult: MessageTypeDefinition<_keeper_v1_SubscribeResult, _keeper_v1_SubscribeResult__Output>
      TelemetryBatch: MessageTypeDefinition<_keeper_v1_TelemetryBatch, _keeper_v1_TelemetryBatch__Output>
      TransferLeadershipRequest: MessageTypeDefinition<_keeper_v1_TransferLeadershipRequest, _keeper_v1_TransferLeadershipRequest__Output>
      TxnRequest: MessageTypeDefinition<_keeper_v1_TxnRequest, _keeper_v1_TxnRequest__Output>
      TxnResponse: MessageTypeDefinition<_keeper_v1_TxnResponse, _keeper_v1_TxnResponse__Output>
      TypeChange: MessageTypeDefinition<_keeper_v1_TypeChange, _keeper_v1_TypeChange__Output>
      UndoRequest: MessageTypeDefinition<_keeper_v1_UndoRequest, _keeper_v1_UndoRequest__Output>
      Welcome: MessageTypeDefinition<_keeper_v1_Welcome, _keeper_v1_Welcome__Output>
    }
  }
}

