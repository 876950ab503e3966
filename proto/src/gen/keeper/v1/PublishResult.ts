// Original file: proto/keeper/v1/admin.proto

import type { ConfigDelta as _keeper_v1_ConfigDelta, ConfigDelta__Output as _keeper_v1_ConfigDelta__Output } from '../../keeper/v1/ConfigDelta.js';
import type { Diagnostic as _keeper_v1_Diagnostic, Diagnostic__Output as _keeper_v1_Diagnostic__Output } from '../../keeper/v1/Diagnostic.js';
import type { Status as _keeper_v1_Status, Status__Output as _keeper_v1_Status__Output } from '../../keeper/v1/Status.js';
import type { HeldName as _keeper_v1_HeldName, HeldName__Output as _keeper_v1_HeldName__Output } from '../../keeper/v1/HeldName.js';
import type { ParkedSet as _keeper_v1_ParkedSet, ParkedSet__Output as _keeper_v1_ParkedSet__Output } from '../../keeper/v1/ParkedSet.js';
import type { Long } from '@grpc/proto-loader';

export interface PublishResult {
  'changed'?: (boolean);
  'revision'?: (number | string | Long);
  'changeSet'?: (string);
  'deltas'?: (_keeper_v1_ConfigDelta)[];
  'diagnostics'?: (_keeper_v1_Diagnostic)[];
  'ok'?: (boolean);
  'status'?: (_keeper_v1_Status | null);
  'held'?: (_keeper_v1_HeldName)[];
  'parked'?: (_keeper_v1_ParkedSet | null);
}

export interface PublishResult__Output {
  'changed': (boolean);
  'revision': (string);
  'changeSet': (string);
  'deltas': (_keeper_v1_ConfigDelta__Output)[];
  'diagnostics': (_keeper_v1_Diagnostic__Output)[];
  'ok': (boolean);
  'status': (_keeper_v1_Status__Output | null);
  'held': (_keeper_v1_HeldName__Output)[];
  'parked': (_keeper_v1_ParkedSet__Output | null);
}
