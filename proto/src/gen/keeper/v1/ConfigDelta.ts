// Original file: proto/keeper/v1/admin.proto

import type { PathChange as _keeper_v1_PathChange, PathChange__Output as _keeper_v1_PathChange__Output } from '../../keeper/v1/PathChange.js';
import type { Long } from '@grpc/proto-loader';

export interface ConfigDelta {
  'name'?: (string);
  'kind'?: (string);
  'fromRevision'?: (number | string | Long);
  'paths'?: (_keeper_v1_PathChange)[];
  'reaches'?: (number);
}

export interface ConfigDelta__Output {
  'name': (string);
  'kind': (string);
  'fromRevision': (string);
  'paths': (_keeper_v1_PathChange__Output)[];
  'reaches': (number);
}
