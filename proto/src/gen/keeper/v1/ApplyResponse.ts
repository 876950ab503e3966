// Original file: proto/keeper/v1/admin.proto

import type { PublishResult as _keeper_v1_PublishResult, PublishResult__Output as _keeper_v1_PublishResult__Output } from '../../keeper/v1/PublishResult.js';
import type { LedgerView as _keeper_v1_LedgerView, LedgerView__Output as _keeper_v1_LedgerView__Output } from '../../keeper/v1/LedgerView.js';

export interface ApplyResponse {
  'result'?: (_keeper_v1_PublishResult | null);
  'progress'?: (_keeper_v1_LedgerView | null);
  'kind'?: "result"|"progress";
}

export interface ApplyResponse__Output {
  'result'?: (_keeper_v1_PublishResult__Output | null);
  'progress'?: (_keeper_v1_LedgerView__Output | null);
  'kind'?: "result"|"progress";
}
