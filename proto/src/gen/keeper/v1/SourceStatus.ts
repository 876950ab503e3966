// Original file: proto/keeper/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface SourceStatus {
  'source'?: (string);
  'configs'?: (number);
  'directory'?: (string);
  'lastError'?: (string);
  'lastPublishedRevision'?: (number | string | Long);
}

export interface SourceStatus__Output {
  'source': (string);
  'configs': (number);
  'directory': (string);
  'lastError': (string);
  'lastPublishedRevision': (string);
}
