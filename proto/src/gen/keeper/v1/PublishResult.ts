// Original file: proto/keeper/v1/admin.proto

import type { ConfigDelta as _keeper_v1_ConfigDelta, ConfigDelta__Output as _keeper_v1_ConfigDelta__Output } from '../../keeper/v1/ConfigDelta.js';
import type { Diagnostic as _keeper_v1_Diagnostic, Diagnostic__Output as _keeper_v1_Diagnostic__Output } from '../../keeper/v1/Diagnostic.js';
import type { Status as _keeper_v1_Status, Status__Output as _keeper_v1_Status__Output } from '../../keeper/v1/Status.js';
import type { Long } from '@grpc/proto-loader';

export interface PublishResult {
  'changed'?: (boolean);
  'revision'?: (number | string | Long);
  'changeSet'?: (string);
  'deltas'?: (_keeper_v1_ConfigDelta)[];
  'diagnostics'?: (_keeper_v1_Diagnostic)[];
  'ok'?: (boolean);
  'status'?: (_keeper_v1_Status | null);
}

export interface PublishResult__Output {
  'changed': (boolean);
  'revision': (string);
  'changeSet': (string);
  'deltas': (_keeper_v1_ConfigDelta__Output)[];
  'diagnostics': (_keeper_v1_Diagnostic__Output)[];
  'ok': (boolean);
  'status': (_keeper_v1_Status__Output | null);
}
