// Original file: proto/keeper/v1/session.proto

import type { Long } from '@grpc/proto-loader';

export interface Command {
  'id'?: (string);
  'kind'?: (string);
  'payload'?: (Buffer | Uint8Array | string);
  'deadlineUnixMs'?: (number | string | Long);
}

export interface Command__Output {
  'id': (string);
  'kind': (string);
  'payload': (Buffer);
  'deadlineUnixMs': (string);
}
