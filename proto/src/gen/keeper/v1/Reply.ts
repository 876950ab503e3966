// Original file: proto/keeper/v1/session.proto

import type { Status as _keeper_v1_Status, Status__Output as _keeper_v1_Status__Output } from '../../keeper/v1/Status.js';
import type { TxnResponse as _keeper_v1_TxnResponse, TxnResponse__Output as _keeper_v1_TxnResponse__Output } from '../../keeper/v1/TxnResponse.js';
import type { RangeResponse as _keeper_v1_RangeResponse, RangeResponse__Output as _keeper_v1_RangeResponse__Output } from '../../keeper/v1/RangeResponse.js';
import type { LeaseGrantResponse as _keeper_v1_LeaseGrantResponse, LeaseGrantResponse__Output as _keeper_v1_LeaseGrantResponse__Output } from '../../keeper/v1/LeaseGrantResponse.js';
import type { LeaseRevokeResponse as _keeper_v1_LeaseRevokeResponse, LeaseRevokeResponse__Output as _keeper_v1_LeaseRevokeResponse__Output } from '../../keeper/v1/LeaseRevokeResponse.js';
import type { LeaseKeepAliveResponse as _keeper_v1_LeaseKeepAliveResponse, LeaseKeepAliveResponse__Output as _keeper_v1_LeaseKeepAliveResponse__Output } from '../../keeper/v1/LeaseKeepAliveResponse.js';
import type { Long } from '@grpc/proto-loader';

export interface Reply {
  'sequence'?: (number | string | Long);
  'error'?: (_keeper_v1_Status | null);
  'revision'?: (number | string | Long);
  'txn'?: (_keeper_v1_TxnResponse | null);
  'range'?: (_keeper_v1_RangeResponse | null);
  'leaseGrant'?: (_keeper_v1_LeaseGrantResponse | null);
  'leaseRevoke'?: (_keeper_v1_LeaseRevokeResponse | null);
  'leaseKeepAlive'?: (_keeper_v1_LeaseKeepAliveResponse | null);
  'body'?: "txn"|"range"|"leaseGrant"|"leaseRevoke"|"leaseKeepAlive";
}

export interface Reply__Output {
  'sequence': (string);
  'error': (_keeper_v1_Status__Output | null);
  'revision': (string);
  'txn'?: (_keeper_v1_TxnResponse__Output | null);
  'range'?: (_keeper_v1_RangeResponse__Output | null);
  'leaseGrant'?: (_keeper_v1_LeaseGrantResponse__Output | null);
  'leaseRevoke'?: (_keeper_v1_LeaseRevokeResponse__Output | null);
  'leaseKeepAlive'?: (_keeper_v1_LeaseKeepAliveResponse__Output | null);
  'body'?: "txn"|"range"|"leaseGrant"|"leaseRevoke"|"leaseKeepAlive";
}
