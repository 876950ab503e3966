// Original file: proto/keeper/v1/secrets.proto

import type { Long } from '@grpc/proto-loader';

export interface SecretSummary {
  'name'?: (string);
  'version'?: (number | string | Long);
  'revision'?: (number | string | Long);
  'key'?: (string);
  'opens'?: (boolean);
  'author'?: (string);
  'reason'?: (string);
  'wallMs'?: (number | string | Long);
  'usedBy'?: (string)[];
}

export interface SecretSummary__Output {
  'name': (string);
  'version': (string);
  'revision': (string);
  'key': (string);
  'opens': (boolean);
  'author': (string);
  'reason': (string);
  'wallMs': (string);
  'usedBy': (string)[];
}
