// Original file: proto/keeper/v1/admin.proto

import type { SourcePrefix as _keeper_v1_SourcePrefix, SourcePrefix__Output as _keeper_v1_SourcePrefix__Output } from '../../keeper/v1/SourcePrefix.js';
import type { Long } from '@grpc/proto-loader';

export interface SourceStatus {
  'source'?: (string);
  'configs'?: (number);
  'directory'?: (string);
  'lastError'?: (string);
  'lastPublishedRevision'?: (number | string | Long);
  'lastErrorCode'?: (string);
  'waitsFor'?: (string);
  'prefixes'?: (_keeper_v1_SourcePrefix)[];
  'gitCommit'?: (string);
  'place'?: (string);
  'held'?: (string)[];
  'pending'?: (string);
  'drift'?: (string)[];
}

export interface SourceStatus__Output {
  'source': (string);
  'configs': (number);
  'directory': (string);
  'lastError': (string);
  'lastPublishedRevision': (string);
  'lastErrorCode': (string);
  'waitsFor': (string);
  'prefixes': (_keeper_v1_SourcePrefix__Output)[];
  'gitCommit': (string);
  'place': (string);
  'held': (string)[];
  'pending': (string);
  'drift': (string)[];
}
