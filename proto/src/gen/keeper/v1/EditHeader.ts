// Original file: proto/keeper/v1/changes.proto

import type { Long } from '@grpc/proto-loader';

export interface EditHeader {
  'namespace'?: (string);
  'name'?: (string);
  'baseRevision'?: (number | string | Long);
  'author'?: (string);
  'reason'?: (string);
  'dryRun'?: (boolean);
  'spreadMs'?: (number);
  'maxAffected'?: (number | string);
}

export interface EditHeader__Output {
  'namespace': (string);
  'name': (string);
  'baseRevision': (string);
  'author': (string);
  'reason': (string);
  'dryRun': (boolean);
  'spreadMs': (number);
  'maxAffected': (number);
}
