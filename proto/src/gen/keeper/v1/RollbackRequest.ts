// Original file: proto/keeper/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface RollbackRequest {
  'name'?: (string);
  'namespace'?: (string);
  'toRevision'?: (number | string | Long);
  'stepsBack'?: (number);
  'author'?: (string);
  'reason'?: (string);
  'spreadMs'?: (number);
}

export interface RollbackRequest__Output {
  'name': (string);
  'namespace': (string);
  'toRevision': (string);
  'stepsBack': (number);
  'author': (string);
  'reason': (string);
  'spreadMs': (number);
}
