// Original file: proto/keeper/v1/session.proto

import type { Hello as _keeper_v1_Hello, Hello__Output as _keeper_v1_Hello__Output } from '../../keeper/v1/Hello.js';
import type { Subscribe as _keeper_v1_Subscribe, Subscribe__Output as _keeper_v1_Subscribe__Output } from '../../keeper/v1/Subscribe.js';
import type { AckBatch as _keeper_v1_AckBatch, AckBatch__Output as _keeper_v1_AckBatch__Output } from '../../keeper/v1/AckBatch.js';
import type { Heartbeat as _keeper_v1_Heartbeat, Heartbeat__Output as _keeper_v1_Heartbeat__Output } from '../../keeper/v1/Heartbeat.js';
import type { RequestBatch as _keeper_v1_RequestBatch, RequestBatch__Output as _keeper_v1_RequestBatch__Output } from '../../keeper/v1/RequestBatch.js';
import type { Leave as _keeper_v1_Leave, Leave__Output as _keeper_v1_Leave__Output } from '../../keeper/v1/Leave.js';
import type { CommandAckBatch as _keeper_v1_CommandAckBatch, CommandAckBatch__Output as _keeper_v1_CommandAckBatch__Output } from '../../keeper/v1/CommandAckBatch.js';
import type { TelemetryBatch as _keeper_v1_TelemetryBatch, TelemetryBatch__Output as _keeper_v1_TelemetryBatch__Output } from '../../keeper/v1/TelemetryBatch.js';
import type { Discover as _keeper_v1_Discover, Discover__Output as _keeper_v1_Discover__Output } from '../../keeper/v1/Discover.js';

export interface ClientFrame {
  'hello'?: (_keeper_v1_Hello | null);
  'subscribe'?: (_keeper_v1_Subscribe | null);
  'acks'?: (_keeper_v1_AckBatch | null);
  'heartbeat'?: (_keeper_v1_Heartbeat | null);
  'requests'?: (_keeper_v1_RequestBatch | null);
  'leave'?: (_keeper_v1_Leave | null);
  'commandAcks'?: (_keeper_v1_CommandAckBatch | null);
  'telemetry'?: (_keeper_v1_TelemetryBatch | null);
  'discover'?: (_keeper_v1_Discover | null);
  'kind'?: "hello"|"subscribe"|"acks"|"heartbeat"|"requests"|"leave"|"commandAcks"|"telemetry"|"discover";
}

export interface ClientFrame__Output {
  'hello'?: (_keeper_v1_Hello__Output | null);
  'subscribe'?: (_keeper_v1_Subscribe__Output | null);
  'acks'?: (_keeper_v1_AckBatch__Output | null);
  'heartbeat'?: (_keeper_v1_Heartbeat__Output | null);
  'requests'?: (_keeper_v1_RequestBatch__Output | null);
  'leave'?: (_keeper_v1_Leave__Output | null);
  'commandAcks'?: (_keeper_v1_CommandAckBatch__Output | null);
  'telemetry'?: (_keeper_v1_TelemetryBatch__Output | null);
  'discover'?: (_keeper_v1_Discover__Output | null);
  'kind'?: "hello"|"subscribe"|"acks"|"heartbeat"|"requests"|"leave"|"commandAcks"|"telemetry"|"discover";
}
