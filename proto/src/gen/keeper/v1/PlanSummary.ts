// Original file: proto/keeper/v1/changes.proto

import type { Diagnostic as _keeper_v1_Diagnostic, Diagnostic__Output as _keeper_v1_Diagnostic__Output } from '../../keeper/v1/Diagnostic.js';
import type { Status as _keeper_v1_Status, Status__Output as _keeper_v1_Status__Output } from '../../keeper/v1/Status.js';
import type { PlanHold as _keeper_v1_PlanHold, PlanHold__Output as _keeper_v1_PlanHold__Output } from '../../keeper/v1/PlanHold.js';
import type { PlanGuard as _keeper_v1_PlanGuard, PlanGuard__Output as _keeper_v1_PlanGuard__Output } from '../../keeper/v1/PlanGuard.js';
import type { Long } from '@grpc/proto-loader';

export interface PlanSummary {
  'ok'?: (boolean);
  'diagnostics'?: (_keeper_v1_Diagnostic)[];
  'refusals'?: (_keeper_v1_Status)[];
  'revision'?: (number | string | Long);
  'clusterId'?: (string);
  'storeEpoch'?: (number | string | Long);
  'configs'?: (number);
  'processes'?: (number);
  'affected'?: (number);
  'unknown'?: (number);
  'unreachableMembers'?: (string)[];
  'holds'?: (_keeper_v1_PlanHold)[];
  'guards'?: (_keeper_v1_PlanGuard)[];
}

export interface PlanSummary__Output {
  'ok': (boolean);
  'diagnostics': (_keeper_v1_Diagnostic__Output)[];
  'refusals': (_keeper_v1_Status__Output)[];
  'revision': (string);
  'clusterId': (string);
  'storeEpoch': (string);
  'configs': (number);
  'processes': (number);
  'affected': (number);
  'unknown': (number);
  'unreachableMembers': (string)[];
  'holds': (_keeper_v1_PlanHold__Output)[];
  'guards': (_keeper_v1_PlanGuard__Output)[];
}
