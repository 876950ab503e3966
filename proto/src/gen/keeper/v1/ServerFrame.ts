// Original file: proto/keeper/v1/session.proto

import type { Welcome as _keeper_v1_Welcome, Welcome__Output as _keeper_v1_Welcome__Output } from '../../keeper/v1/Welcome.js';
import type { Push as _keeper_v1_Push, Push__Output as _keeper_v1_Push__Output } from '../../keeper/v1/Push.js';
import type { PushChunk as _keeper_v1_PushChunk, PushChunk__Output as _keeper_v1_PushChunk__Output } from '../../keeper/v1/PushChunk.js';
import type { ReplyBatch as _keeper_v1_ReplyBatch, ReplyBatch__Output as _keeper_v1_ReplyBatch__Output } from '../../keeper/v1/ReplyBatch.js';
import type { HeartbeatReply as _keeper_v1_HeartbeatReply, HeartbeatReply__Output as _keeper_v1_HeartbeatReply__Output } from '../../keeper/v1/HeartbeatReply.js';
import type { Goodbye as _keeper_v1_Goodbye, Goodbye__Output as _keeper_v1_Goodbye__Output } from '../../keeper/v1/Goodbye.js';
import type { SubscribeResult as _keeper_v1_SubscribeResult, SubscribeResult__Output as _keeper_v1_SubscribeResult__Output } from '../../keeper/v1/SubscribeResult.js';
import type { CommandBatch as _keeper_v1_CommandBatch, CommandBatch__Output as _keeper_v1_CommandBatch__Output } from '../../keeper/v1/CommandBatch.js';
import type { Presence as _keeper_v1_Presence, Presence__Output as _keeper_v1_Presence__Output } from '../../keeper/v1/Presence.js';

export interface ServerFrame {
  'welcome'?: (_keeper_v1_Welcome | null);
  'push'?: (_keeper_v1_Push | null);
  'chunk'?: (_keeper_v1_PushChunk | null);
  'replies'?: (_keeper_v1_ReplyBatch | null);
  'heartbeat'?: (_keeper_v1_HeartbeatReply | null);
  'goodbye'?: (_keeper_v1_Goodbye | null);
  'subscribed'?: (_keeper_v1_SubscribeResult | null);
  'commands'?: (_keeper_v1_CommandBatch | null);
  'presence'?: (_keeper_v1_Presence | null);
  'kind'?: "welcome"|"push"|"chunk"|"replies"|"heartbeat"|"goodbye"|"subscribed"|"commands"|"presence";
}

export interface ServerFrame__Output {
  'welcome'?: (_keeper_v1_Welcome__Output | null);
  'push'?: (_keeper_v1_Push__Output | null);
  'chunk'?: (_keeper_v1_PushChunk__Output | null);
  'replies'?: (_keeper_v1_ReplyBatch__Output | null);
  'heartbeat'?: (_keeper_v1_HeartbeatReply__Output | null);
  'goodbye'?: (_keeper_v1_Goodbye__Output | null);
  'subscribed'?: (_keeper_v1_SubscribeResult__Output | null);
  'commands'?: (_keeper_v1_CommandBatch__Output | null);
  'presence'?: (_keeper_v1_Presence__Output | null);
  'kind'?: "welcome"|"push"|"chunk"|"replies"|"heartbeat"|"goodbye"|"subscribed"|"commands"|"presence";
}
