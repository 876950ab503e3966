// Original file: proto/keeper/v1/session.proto

import type { PutResult as _keeper_v1_PutResult, PutResult__Output as _keeper_v1_PutResult__Output } from '../../keeper/v1/PutResult.js';
import type { DeleteResult as _keeper_v1_DeleteResult, DeleteResult__Output as _keeper_v1_DeleteResult__Output } from '../../keeper/v1/DeleteResult.js';
import type { RangeResponse as _keeper_v1_RangeResponse, RangeResponse__Output as _keeper_v1_RangeResponse__Output } from '../../keeper/v1/RangeResponse.js';

export interface OperationResult {
  'put'?: (_keeper_v1_PutResult | null);
  'delete'?: (_keeper_v1_DeleteResult | null);
  'range'?: (_keeper_v1_RangeResponse | null);
  'body'?: "put"|"delete"|"range";
}

export interface OperationResult__Output {
  'put'?: (_keeper_v1_PutResult__Output | null);
  'delete'?: (_keeper_v1_DeleteResult__Output | null);
  'range'?: (_keeper_v1_RangeResponse__Output | null);
  'body'?: "put"|"delete"|"range";
}
