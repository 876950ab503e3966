// Original file: proto/keeper/v1/control.proto

import type { Long } from '@grpc/proto-loader';

export interface EventView {
  'revision'?: (number | string | Long);
  'wallMs'?: (number | string | Long);
  'kind'?: (string);
  'text'?: (string);
  'author'?: (string);
  'reason'?: (string);
  'source'?: (string);
  'names'?: (string)[];
  'changeSet'?: (string);
  'code'?: (string);
}

export interface EventView__Output {
  'revision': (string);
  'wallMs': (string);
  'kind': (string);
  'text': (string);
  'author': (string);
  'reason': (string);
  'source': (string);
  'names': (string)[];
  'changeSet': (string);
  'code': (string);
}
