// Original file: proto/keeper/v1/admin.proto

import type { LedgerRow as _keeper_v1_LedgerRow, LedgerRow__Output as _keeper_v1_LedgerRow__Output } from '../../keeper/v1/LedgerRow.js';
import type { Long } from '@grpc/proto-loader';

export interface LedgerView {
  'revision'?: (number | string | Long);
  'rows'?: (_keeper_v1_LedgerRow)[];
  'unreachableMembers'?: (string)[];
  'processes'?: (number);
  'current'?: (number);
  'rejected'?: (number);
  'failed'?: (number);
}

export interface LedgerView__Output {
  'revision': (string);
  'rows': (_keeper_v1_LedgerRow__Output)[];
  'unreachableMembers': (string)[];
  'processes': (number);
  'current': (number);
  'rejected': (number);
  'failed': (number);
}
