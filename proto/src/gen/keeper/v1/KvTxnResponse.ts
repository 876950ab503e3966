// Original file: proto/keeper/v1/admin.proto

import type { TxnResponse as _keeper_v1_TxnResponse, TxnResponse__Output as _keeper_v1_TxnResponse__Output } from '../../keeper/v1/TxnResponse.js';
import type { Long } from '@grpc/proto-loader';

export interface KvTxnResponse {
  'txn'?: (_keeper_v1_TxnResponse | null);
  'revision'?: (number | string | Long);
}

export interface KvTxnResponse__Output {
  'txn': (_keeper_v1_TxnResponse__Output | null);
  'revision': (string);
}
