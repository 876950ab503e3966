// Original file: proto/keeper/v1/changes.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ApplyRequest as _keeper_v1_ApplyRequest, ApplyRequest__Output as _keeper_v1_ApplyRequest__Output } from '../../keeper/v1/ApplyRequest.js';
import type { DiffRequest as _keeper_v1_DiffRequest, DiffRequest__Output as _keeper_v1_DiffRequest__Output } from '../../keeper/v1/DiffRequest.js';
import type { EditRequest as _keeper_v1_EditRequest, EditRequest__Output as _keeper_v1_EditRequest__Output } from '../../keeper/v1/EditRequest.js';
import type { ExplainRequest as _keeper_v1_ExplainRequest, ExplainRequest__Output as _keeper_v1_ExplainRequest__Output } from '../../keeper/v1/ExplainRequest.js';
import type { ExplainResponse as _keeper_v1_ExplainResponse, ExplainResponse__Output as _keeper_v1_ExplainResponse__Output } from '../../keeper/v1/ExplainResponse.js';
import type { FilesRequest as _keeper_v1_FilesRequest, FilesRequest__Output as _keeper_v1_FilesRequest__Output } from '../../keeper/v1/FilesRequest.js';
import type { FollowRequest as _keeper_v1_FollowRequest, FollowRequest__Output as _keeper_v1_FollowRequest__Output } from '../../keeper/v1/FollowRequest.js';
import type { FollowView as _keeper_v1_FollowView, FollowView__Output as _keeper_v1_FollowView__Output } from '../../keeper/v1/FollowView.js';
import type { GuardedRollbackRequest as _keeper_v1_GuardedRollbackRequest, GuardedRollbackRequest__Output as _keeper_v1_GuardedRollbackRequest__Output } from '../../keeper/v1/GuardedRollbackRequest.js';
import type { GuardedUndoRequest as _keeper_v1_GuardedUndoRequest, GuardedUndoRequest__Output as _keeper_v1_GuardedUndoRequest__Output } from '../../keeper/v1/GuardedUndoRequest.js';
import type { LiveFile as _keeper_v1_LiveFile, LiveFile__Output as _keeper_v1_LiveFile__Output } from '../../keeper/v1/LiveFile.js';
import type { PlanPiece as _keeper_v1_PlanPiece, PlanPiece__Output as _keeper_v1_PlanPiece__Output } from '../../keeper/v1/PlanPiece.js';
import type { PlannedConfig as _keeper_v1_PlannedConfig, PlannedConfig__Output as _keeper_v1_PlannedConfig__Output } from '../../keeper/v1/PlannedConfig.js';
import type { PublishResult as _keeper_v1_PublishResult, PublishResult__Output as _keeper_v1_PublishResult__Output } from '../../keeper/v1/PublishResult.js';
import type { RollbackRequest as _keeper_v1_RollbackRequest, RollbackRequest__Output as _keeper_v1_RollbackRequest__Output } from '../../keeper/v1/RollbackRequest.js';
import type { UndoRequest as _keeper_v1_UndoRequest, UndoRequest__Output as _keeper_v1_UndoRequest__Output } from '../../keeper/v1/UndoRequest.js';

export interface ChangesClient extends grpc.Client {
  Diff(argument: _keeper_v1_DiffRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PlannedConfig__Output>): grpc.ClientUnaryCall;
  Diff(argument: _keeper_v1_DiffRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PlannedConfig__Output>): grpc.ClientUnaryCall;
  Diff(argument: _keeper_v1_DiffRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PlannedConfig__Output>): grpc.ClientUnaryCall;
  Diff(argument: _keeper_v1_DiffRequest, callback: grpc.requestCallback<_keeper_v1_PlannedConfig__Output>): grpc.ClientUnaryCall;
  diff(argument: _keeper_v1_DiffRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PlannedConfig__Output>): grpc.ClientUnaryCall;
  diff(argument: _keeper_v1_DiffRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PlannedConfig__Output>): grpc.ClientUnaryCall;
  diff(argument: _keeper_v1_DiffRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PlannedConfig__Output>): grpc.ClientUnaryCall;
  diff(argument: _keeper_v1_DiffRequest, callback: grpc.requestCallback<_keeper_v1_PlannedConfig__Output>): grpc.ClientUnaryCall;
  
  Edit(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_EditRequest, _keeper_v1_PublishResult__Output>;
  Edit(options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_EditRequest, _keeper_v1_PublishResult__Output>;
  edit(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_EditRequest, _keeper_v1_PublishResult__Output>;
  edit(options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_EditRequest, _keeper_v1_PublishResult__Output>;
  
  Explain(argument: _keeper_v1_ExplainRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ExplainResponse__Output>): grpc.ClientUnaryCall;
  Explain(argument: _keeper_v1_ExplainRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_ExplainResponse__Output>): grpc.ClientUnaryCall;
  Explain(argument: _keeper_v1_ExplainRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ExplainResponse__Output>): grpc.ClientUnaryCall;
  Explain(argument: _keeper_v1_ExplainRequest, callback: grpc.requestCallback<_keeper_v1_ExplainResponse__Output>): grpc.ClientUnaryCall;
  explain(argument: _keeper_v1_ExplainRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ExplainResponse__Output>): grpc.ClientUnaryCall;
  explain(argument: _keeper_v1_ExplainRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_ExplainResponse__Output>): grpc.ClientUnaryCall;
  explain(argument: _keeper_v1_ExplainRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_ExplainResponse__Output>): grpc.ClientUnaryCall;
  explain(argument: _keeper_v1_ExplainRequest, callback: grpc.requestCallback<_keeper_v1_ExplainResponse__Output>): grpc.ClientUnaryCall;
  
  Files(argument: _keeper_v1_FilesRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_LiveFile__Output>;
  Files(argument: _keeper_v1_FilesRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_LiveFile__Output>;
  files(argument: _keeper_v1_FilesRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_LiveFile__Output>;
  files(argument: _keeper_v1_FilesRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_LiveFile__Output>;
  
  Follow(argument: _keeper_v1_FollowRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_FollowView__Output>;
  Follow(argument: _keeper_v1_FollowRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_FollowView__Output>;
  follow(argument: _keeper_v1_FollowRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_FollowView__Output>;
  follow(argument: _keeper_v1_FollowRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_keeper_v1_FollowView__Output>;
  
  GuardedEdit(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_EditRequest, _keeper_v1_PublishResult__Output>;
  GuardedEdit(options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_EditRequest, _keeper_v1_PublishResult__Output>;
  guardedEdit(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_EditRequest, _keeper_v1_PublishResult__Output>;
  guardedEdit(options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_EditRequest, _keeper_v1_PublishResult__Output>;
  
  GuardedRollback(argument: _keeper_v1_GuardedRollbackRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  GuardedRollback(argument: _keeper_v1_GuardedRollbackRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  GuardedRollback(argument: _keeper_v1_GuardedRollbackRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  GuardedRollback(argument: _keeper_v1_GuardedRollbackRequest, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  guardedRollback(argument: _keeper_v1_GuardedRollbackRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  guardedRollback(argument: _keeper_v1_GuardedRollbackRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  guardedRollback(argument: _keeper_v1_GuardedRollbackRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  guardedRollback(argument: _keeper_v1_GuardedRollbackRequest, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  
  GuardedUndo(argument: _keeper_v1_GuardedUndoRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  GuardedUndo(argument: _keeper_v1_GuardedUndoRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  GuardedUndo(argument: _keeper_v1_GuardedUndoRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  GuardedUndo(argument: _keeper_v1_GuardedUndoRequest, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  guardedUndo(argument: _keeper_v1_GuardedUndoRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  guardedUndo(argument: _keeper_v1_GuardedUndoRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  guardedUndo(argument: _keeper_v1_GuardedUndoRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  guardedUndo(argument: _keeper_v1_GuardedUndoRequest, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  
  Plan(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_ApplyRequest, _keeper_v1_PlanPiece__Output>;
  Plan(options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_ApplyRequest, _keeper_v1_PlanPiece__Output>;
  plan(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_ApplyRequest, _keeper_v1_PlanPiece__Output>;
  plan(options?: grpc.CallOptions): grpc.ClientDuplexStream<_keeper_v1_ApplyRequest, _keeper_v1_PlanPiece__Output>;
  
  PlanRollback(argument: _keeper_v1_RollbackRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  PlanRollback(argument: _keeper_v1_RollbackRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  PlanRollback(argument: _keeper_v1_RollbackRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  PlanRollback(argument: _keeper_v1_RollbackRequest, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  planRollback(argument: _keeper_v1_RollbackRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  planRollback(argument: _keeper_v1_RollbackRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  planRollback(argument: _keeper_v1_RollbackRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  planRollback(argument: _keeper_v1_RollbackRequest, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  
  PlanUndo(argument: _keeper_v1_UndoRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  PlanUndo(argument: _keeper_v1_UndoRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  PlanUndo(argument: _keeper_v1_UndoRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  PlanUndo(argument: _keeper_v1_UndoRequest, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  planUndo(argument: _keeper_v1_UndoRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  planUndo(argument: _keeper_v1_UndoRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  planUndo(argument: _keeper_v1_UndoRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  planUndo(argument: _keeper_v1_UndoRequest, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  
  Undo(argument: _keeper_v1_UndoRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  Undo(argument: _keeper_v1_UndoRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  Undo(argument: _keeper_v1_UndoRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  Undo(argument: _keeper_v1_UndoRequest, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  undo(argument: _keeper_v1_UndoRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  undo(argument: _keeper_v1_UndoRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  undo(argument: _keeper_v1_UndoRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  undo(argument: _keeper_v1_UndoRequest, callback: grpc.requestCallback<_keeper_v1_PublishResult__Output>): grpc.ClientUnaryCall;
  
}

export interface ChangesHandlers extends grpc.UntypedServiceImplementation {
  Diff: grpc.handleUnaryCall<_keeper_v1_DiffRequest__Output, _keeper_v1_PlannedConfig>;
  
  Edit: grpc.handleBidiStreamingCall<_keeper_v1_EditRequest__Output, _keeper_v1_PublishResult>;
  
  Explain: grpc.handleUnaryCall<_keeper_v1_ExplainRequest__Output, _keeper_v1_ExplainResponse>;
  
  Files: grpc.handleServerStreamingCall<_keeper_v1_FilesRequest__Output, _keeper_v1_LiveFile>;
  
  Follow: grpc.handleServerStreamingCall<_keeper_v1_FollowRequest__Output, _keeper_v1_FollowView>;
  
  GuardedEdit: grpc.handleBidiStreamingCall<_keeper_v1_EditRequest__Output, _keeper_v1_PublishResult>;
  
  GuardedRollback: grpc.handleUnaryCall<_keeper_v1_GuardedRollbackRequest__Output, _keeper_v1_PublishResult>;
  
  GuardedUndo: grpc.handleUnaryCall<_keeper_v1_GuardedUndoRequest__Output, _keeper_v1_PublishResult>;
  
  Plan: grpc.handleBidiStreamingCall<_keeper_v1_ApplyRequest__Output, _keeper_v1_PlanPiece>;
  
  PlanRollback: grpc.handleUnaryCall<_keeper_v1_RollbackRequest__Output, _keeper_v1_PublishResult>;
  
  PlanUndo: grpc.handleUnaryCall<_keeper_v1_UndoRequest__Output, _keeper_v1_PublishResult>;
  
  Undo: grpc.handleUnaryCall<_keeper_v1_UndoRequest__Output, _keeper_v1_PublishResult>;
  
}

export interface ChangesDefinition extends grpc.ServiceDefinition {
  Diff: MethodDefinition<_keeper_v1_DiffRequest, _keeper_v1_PlannedConfig, _keeper_v1_DiffRequest__Output, _keeper_v1_PlannedConfig__Output>
  Edit: MethodDefinition<_keeper_v1_EditRequest, _keeper_v1_PublishResult, _keeper_v1_EditRequest__Output, _keeper_v1_PublishResult__Output>
  Explain: MethodDefinition<_keeper_v1_ExplainRequest, _keeper_v1_ExplainResponse, _keeper_v1_ExplainRequest__Output, _keeper_v1_ExplainResponse__Output>
  Files: MethodDefinition<_keeper_v1_FilesRequest, _keeper_v1_LiveFile, _keeper_v1_FilesRequest__Output, _keeper_v1_LiveFile__Output>
  Follow: MethodDefinition<_keeper_v1_FollowRequest, _keeper_v1_FollowView, _keeper_v1_FollowRequest__Output, _keeper_v1_FollowView__Output>
  GuardedEdit: MethodDefinition<_keeper_v1_EditRequest, _keeper_v1_PublishResult, _keeper_v1_EditRequest__Output, _keeper_v1_PublishResult__Output>
  GuardedRollback: MethodDefinition<_keeper_v1_GuardedRollbackRequest, _keeper_v1_PublishResult, _keeper_v1_GuardedRollbackRequest__Output, _keeper_v1_PublishResult__Output>
  GuardedUndo: MethodDefinition<_keeper_v1_GuardedUndoRequest, _keeper_v1_PublishResult, _keeper_v1_GuardedUndoRequest__Output, _keeper_v1_PublishResult__Output>
  Plan: MethodDefinition<_keeper_v1_ApplyRequest, _keeper_v1_PlanPiece, _keeper_v1_ApplyRequest__Output, _keeper_v1_PlanPiece__Output>
  PlanRollback: MethodDefinition<_keeper_v1_RollbackRequest, _keeper_v1_PublishResult, _keeper_v1_RollbackRequest__Output, _keeper_v1_PublishResult__Output>
  PlanUndo: MethodDefinition<_keeper_v1_UndoRequest, _keeper_v1_PublishResult, _keeper_v1_UndoRequest__Output, _keeper_v1_PublishResult__Output>
  Undo: MethodDefinition<_keeper_v1_UndoRequest, _keeper_v1_PublishResult, _keeper_v1_UndoRequest__Output, _keeper_v1_PublishResult__Output>
}
