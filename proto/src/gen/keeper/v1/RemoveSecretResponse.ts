// Original file: proto/keeper/v1/secrets.proto

import type { Long } from '@grpc/proto-loader';

export interface RemoveSecretResponse {
  'revision'?: (number | string | Long);
}

export interface RemoveSecretResponse__Output {
  'revision': (string);
}
