// Original file: proto/keeper/v1/admin.proto

import type { TxnRequest as _keeper_v1_TxnRequest, TxnRequest__Output as _keeper_v1_TxnRequest__Output } from '../../keeper/v1/TxnRequest.js';
import type { Long } from '@grpc/proto-loader';

export interface KvTxnRequest {
  'txn'?: (_keeper_v1_TxnRequest | null);
  'sessionId'?: (number | string | Long);
  'sequence'?: (number | string | Long);
}

export interface KvTxnRequest__Output {
  'txn': (_keeper_v1_TxnRequest__Output | null);
  'sessionId': (string);
  'sequence': (string);
}
