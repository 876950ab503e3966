// Original file: proto/keeper/v1/session.proto

import type { Long } from '@grpc/proto-loader';

export interface PushChunk {
  'totalBytes'?: (number | string | Long);
  'offset'?: (number | string | Long);
  'bytes'?: (Buffer | Uint8Array | string);
}

export interface PushChunk__Output {
  'totalBytes': (string);
  'offset': (string);
  'bytes': (Buffer);
}
