// Original file: proto/keeper/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface HeldName {
  'name'?: (string);
  'author'?: (string);
  'reason'?: (string);
  'wallMs'?: (number | string | Long);
  'action'?: (string);
}

export interface HeldName__Output {
  'name': (string);
  'author': (string);
  'reason': (string);
  'wallMs': (string);
  'action': (string);
}
