// Original file: proto/keeper/v1/changes.proto

import type { Long } from '@grpc/proto-loader';

export interface DiffRequest {
  'namespace'?: (string);
  'name'?: (string);
  'fromRevision'?: (number | string | Long);
  'fromStepsBack'?: (number);
  'toRevision'?: (number | string | Long);
  'toStepsBack'?: (number);
}

export interface DiffRequest__Output {
  'namespace': (string);
  'name': (string);
  'fromRevision': (string);
  'fromStepsBack': (number);
  'toRevision': (string);
  'toStepsBack': (number);
}
