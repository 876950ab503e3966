// Original file: proto/keeper/v1/admin.proto

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
}
