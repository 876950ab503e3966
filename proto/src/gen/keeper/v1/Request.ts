// Original file: proto/keeper/v1/session.proto

import type { TxnRequest as _keeper_v1_TxnRequest, TxnRequest__Output as _keeper_v1_TxnRequest__Output } from '../../keeper/v1/TxnRequest.js';
import type { RangeRequest as _keeper_v1_RangeRequest, RangeRequest__Output as _keeper_v1_RangeRequest__Output } from '../../keeper/v1/RangeRequest.js';
import type { LeaseGrantRequest as _keeper_v1_LeaseGrantRequest, LeaseGrantRequest__Output as _keeper_v1_LeaseGrantRequest__Output } from '../../keeper/v1/LeaseGrantRequest.js';
import type { LeaseRevokeRequest as _keeper_v1_LeaseRevokeRequest, LeaseRevokeRequest__Output as _keeper_v1_LeaseRevokeRequest__Output } from '../../keeper/v1/LeaseRevokeRequest.js';
import type { LeaseKeepAliveRequest as _keeper_v1_LeaseKeepAliveRequest, LeaseKeepAliveRequest__Output as _keeper_v1_LeaseKeepAliveRequest__Output } from '../../keeper/v1/LeaseKeepAliveRequest.js';
import type { Long } from '@grpc/proto-loader';

export interface Request {
  'sequence'?: (number | string | Long);
  'traceparent'?: (string);
  'txn'?: (_keeper_v1_TxnRequest | null);
  'range'?: (_keeper_v1_RangeRequest | null);
  'leaseGrant'?: (_keeper_v1_LeaseGrantRequest | null);
  'leaseRevoke'?: (_keeper_v1_LeaseRevokeRequest | null);
  'leaseKeepAlive'?: (_keeper_v1_LeaseKeepAliveRequest | null);
  'body'?: "txn"|"range"|"leaseGrant"|"leaseRevoke"|"leaseKeepAlive";
}

export interface Request__Output {
  'sequence': (string);
  'traceparent': (string);
  'txn'?: (_keeper_v1_TxnRequest__Output | null);
  'range'?: (_keeper_v1_RangeRequest__Output | null);
  'leaseGrant'?: (_keeper_v1_LeaseGrantRequest__Output | null);
  'leaseRevoke'?: (_keeper_v1_LeaseRevokeRequest__Output | null);
  'leaseKeepAlive'?: (_keeper_v1_LeaseKeepAliveRequest__Output | null);
  'body'?: "txn"|"range"|"leaseGrant"|"leaseRevoke"|"leaseKeepAlive";
}
