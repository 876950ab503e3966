// Original file: proto/keeper/v1/admin.proto

import type { PathChange as _keeper_v1_PathChange, PathChange__Output as _keeper_v1_PathChange__Output } from '../../keeper/v1/PathChange.js';
import type { Long } from '@grpc/proto-loader';

export interface HistoryEntry {
  'revision'?: (number | string | Long);
  'author'?: (string);
  'reason'?: (string);
  'source'?: (string);
  'action'?: (string);
  'wallMs'?: (number | string | Long);
  'removed'?: (boolean);
  'changeSet'?: (string);
  'hash'?: (string);
  'file'?: (string);
  'fileHash'?: (string);
  'approvedBy'?: (string);
  'paths'?: (_keeper_v1_PathChange)[];
  'pathsTotal'?: (number);
}

export interface HistoryEntry__Output {
  'revision': (string);
  'author': (string);
  'reason': (string);
  'source': (string);
  'action': (string);
  'wallMs': (string);
  'removed': (boolean);
  'changeSet': (string);
  'hash': (string);
  'file': (string);
  'fileHash': (string);
  'approvedBy': (string);
  'paths': (_keeper_v1_PathChange__Output)[];
  'pathsTotal': (number);
}
