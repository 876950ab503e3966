// Original file: proto/keeper/v1/changes.proto

import type { Long } from '@grpc/proto-loader';

export interface PlanHold {
  'name'?: (string);
  'author'?: (string);
  'reason'?: (string);
  'wallMs'?: (number | string | Long);
}

export interface PlanHold__Output {
  'name': (string);
  'author': (string);
  'reason': (string);
  'wallMs': (string);
}
