// Original file: proto/keeper/v1/changes.proto

import type { Long } from '@grpc/proto-loader';

export interface FollowRequest {
  'namespace'?: (string);
  'names'?: (string)[];
  'revision'?: (number | string | Long);
  'share'?: (number | string);
  'count'?: (number);
  'selector'?: ({[key: string]: string});
  'timeoutMs'?: (number);
}

export interface FollowRequest__Output {
  'namespace': (string);
  'names': (string)[];
  'revision': (string);
  'share': (number);
  'count': (number);
  'selector': ({[key: string]: string});
  'timeoutMs': (number);
}
