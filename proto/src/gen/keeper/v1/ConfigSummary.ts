// Original file: proto/keeper/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface ConfigSummary {
  'name'?: (string);
  'revision'?: (number | string | Long);
  'removed'?: (boolean);
  'held'?: (boolean);
  'audience'?: ({[key: string]: string});
  'variants'?: (number);
  'processes'?: (number);
  'applied'?: (number);
}

export interface ConfigSummary__Output {
  'name': (string);
  'revision': (string);
  'removed': (boolean);
  'held': (boolean);
  'audience': ({[key: string]: string});
  'variants': (number);
  'processes': (number);
  'applied': (number);
}
