// Original file: proto/keeper/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface PlannedName {
  'name'?: (string);
  'fromRevision'?: (number | string | Long);
  'digest'?: (string);
}

export interface PlannedName__Output {
  'name': (string);
  'fromRevision': (string);
  'digest': (string);
}
