// Original file: proto/keeper/v1/control.proto

import type { ConfigDelta as _keeper_v1_ConfigDelta, ConfigDelta__Output as _keeper_v1_ConfigDelta__Output } from '../../keeper/v1/ConfigDelta.js';
import type { Long } from '@grpc/proto-loader';

export interface ChangeSetView {
  'revision'?: (number | string | Long);
  'id'?: (string);
  'names'?: (string)[];
  'removed'?: (string)[];
  'author'?: (string);
  'reason'?: (string);
  'source'?: (string);
  'action'?: (string);
  'wallMs'?: (number | string | Long);
  'approvedBy'?: (string);
  'approvedReason'?: (string);
  'deltas'?: (_keeper_v1_ConfigDelta)[];
}

export interface ChangeSetView__Output {
  'revision': (string);
  'id': (string);
  'names': (string)[];
  'removed': (string)[];
  'author': (string);
  'reason': (string);
  'source': (string);
  'action': (string);
  'wallMs': (string);
  'approvedBy': (string);
  'approvedReason': (string);
  'deltas': (_keeper_v1_ConfigDelta__Output)[];
}
