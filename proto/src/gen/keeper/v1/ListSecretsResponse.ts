// Original file: proto/keeper/v1/secrets.proto

import type { SecretSummary as _keeper_v1_SecretSummary, SecretSummary__Output as _keeper_v1_SecretSummary__Output } from '../../keeper/v1/SecretSummary.js';

export interface ListSecretsResponse {
  'secrets'?: (_keeper_v1_SecretSummary)[];
  'sealsWith'?: (string);
}

export interface ListSecretsResponse__Output {
  'secrets': (_keeper_v1_SecretSummary__Output)[];
  'sealsWith': (string);
}
