// Original file: proto/keeper/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface SnapshotPiece {
  'bytes'?: (Buffer | Uint8Array | string);
  'recordsTotal'?: (number | string | Long);
  'records'?: (number | string | Long);
}

export interface SnapshotPiece__Output {
  'bytes': (Buffer);
  'recordsTotal': (string);
  'records': (string);
}
