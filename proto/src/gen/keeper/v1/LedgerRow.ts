// Original file: proto/keeper/v1/admin.proto

import type { AckState as _keeper_v1_AckState, AckState__Output as _keeper_v1_AckState__Output } from '../../keeper/v1/AckState.js';
import type { Long } from '@grpc/proto-loader';

export interface LedgerRow {
  'name'?: (string);
  'cluster'?: (string);
  'role'?: (string);
  'instance'?: (string);
  'wantedRevision'?: (number | string | Long);
  'revision'?: (number | string | Long);
  'state'?: (_keeper_v1_AckState);
  'reason'?: (string);
  'atUnixMs'?: (number | string | Long);
  'current'?: (boolean);
  'connected'?: (boolean);
  'member'?: (string);
  'dueUnixMs'?: (number | string | Long);
  'standing'?: (string);
}

export interface LedgerRow__Output {
  'name': (string);
  'cluster': (string);
  'role': (string);
  'instance': (string);
  'wantedRevision': (string);
  'revision': (string);
  'state': (_keeper_v1_AckState__Output);
  'reason': (string);
  'atUnixMs': (string);
  'current': (boolean);
  'connected': (boolean);
  'member': (string);
  'dueUnixMs': (string);
  'standing': (string);
}
