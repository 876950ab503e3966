// Original file: proto/keeper/v1/session.proto

import type { PutRequest as _keeper_v1_PutRequest, PutRequest__Output as _keeper_v1_PutRequest__Output } from '../../keeper/v1/PutRequest.js';
import type { DeleteRequest as _keeper_v1_DeleteRequest, DeleteRequest__Output as _keeper_v1_DeleteRequest__Output } from '../../keeper/v1/DeleteRequest.js';
import type { RangeRequest as _keeper_v1_RangeRequest, RangeRequest__Output as _keeper_v1_RangeRequest__Output } from '../../keeper/v1/RangeRequest.js';

export interface Operation {
  'put'?: (_keeper_v1_PutRequest | null);
  'delete'?: (_keeper_v1_DeleteRequest | null);
  'range'?: (_keeper_v1_RangeRequest | null);
  'body'?: "put"|"delete"|"range";
}

export interface Operation__Output {
  'put'?: (_keeper_v1_PutRequest__Output | null);
  'delete'?: (_keeper_v1_DeleteRequest__Output | null);
  'range'?: (_keeper_v1_RangeRequest__Output | null);
  'body'?: "put"|"delete"|"range";
}
