// Original file: proto/keeper/v1/control.proto

import type { GuardView as _keeper_v1_GuardView, GuardView__Output as _keeper_v1_GuardView__Output } from '../../keeper/v1/GuardView.js';
import type { ConfigDelta as _keeper_v1_ConfigDelta, ConfigDelta__Output as _keeper_v1_ConfigDelta__Output } from '../../keeper/v1/ConfigDelta.js';
import type { Long } from '@grpc/proto-loader';

export interface PendingSet {
  'id'?: (string);
  'source'?: (string);
  'author'?: (string);
  'reason'?: (string);
  'action'?: (string);
  'gitCommit'?: (string);
  'wallMs'?: (number | string | Long);
  'expiresMs'?: (number | string | Long);
  'guards'?: (_keeper_v1_GuardView)[];
  'names'?: (string)[];
  'changes'?: (number);
  'deltas'?: (_keeper_v1_ConfigDelta)[];
  'stale'?: (boolean);
  'rejectedBy'?: (string);
  'rejectedReason'?: (string);
  'lacksSecrets'?: (string)[];
}

export interface PendingSet__Output {
  'id': (string);
  'source': (string);
  'author': (string);
  'reason': (string);
  'action': (string);
  'gitCommit': (string);
  'wallMs': (string);
  'expiresMs': (string);
  'guards': (_keeper_v1_GuardView__Output)[];
  'names': (string)[];
  'changes': (number);
  'deltas': (_keeper_v1_ConfigDelta__Output)[];
  'stale': (boolean);
  'rejectedBy': (string);
  'rejectedReason': (string);
  'lacksSecrets': (string)[];
}
