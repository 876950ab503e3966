// Original file: proto/keeper/v1/secrets.proto

import type { Long } from '@grpc/proto-loader';

export interface PutSecretResponse {
  'revision'?: (number | string | Long);
  'version'?: (number | string | Long);
  'usedBy'?: (string)[];
}

export interface PutSecretResponse__Output {
  'revision': (string);
  'version': (string);
  'usedBy': (string)[];
}
