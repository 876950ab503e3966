// Original file: proto/keeper/v1/changes.proto

import type { LedgerRow as _keeper_v1_LedgerRow, LedgerRow__Output as _keeper_v1_LedgerRow__Output } from '../../keeper/v1/LedgerRow.js';
import type { Long } from '@grpc/proto-loader';

export interface FollowView {
  'processes'?: (number);
  'applied'?: (number);
  'rejected'?: (number);
  'failed'?: (number);
  'away'?: (number);
  'unknown'?: (number);
  'pending'?: (number);
  'waiting'?: (number);
  'ended'?: (boolean);
  'enough'?: (boolean);
  'missing'?: (_keeper_v1_LedgerRow)[];
  'unreachableMembers'?: (string)[];
  'revision'?: (number | string | Long);
}

export interface FollowView__Output {
  'processes': (number);
  'applied': (number);
  'rejected': (number);
  'failed': (number);
  'away': (number);
  'unknown': (number);
  'pending': (number);
  'waiting': (number);
  'ended': (boolean);
  'enough': (boolean);
  'missing': (_keeper_v1_LedgerRow__Output)[];
  'unreachableMembers': (string)[];
  'revision': (string);
}
