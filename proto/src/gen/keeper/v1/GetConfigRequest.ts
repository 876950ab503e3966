// Original file: proto/keeper/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface GetConfigRequest {
  'name'?: (string);
  'namespace'?: (string);
  'asInstance'?: (string);
  'asLabels'?: ({[key: string]: string});
  'revision'?: (number | string | Long);
  'stepsBack'?: (number);
}

export interface GetConfigRequest__Output {
  'name': (string);
  'namespace': (string);
  'asInstance': (string);
  'asLabels': ({[key: string]: string});
  'revision': (string);
  'stepsBack': (number);
}
