// Original file: proto/keeper/v1/changes.proto

import type { RollbackRequest as _keeper_v1_RollbackRequest, RollbackRequest__Output as _keeper_v1_RollbackRequest__Output } from '../../keeper/v1/RollbackRequest.js';

export interface GuardedRollbackRequest {
  'rollback'?: (_keeper_v1_RollbackRequest | null);
  'maxAffected'?: (number | string);
  'dryRun'?: (boolean);
}

export interface GuardedRollbackRequest__Output {
  'rollback': (_keeper_v1_RollbackRequest__Output | null);
  'maxAffected': (number);
  'dryRun': (boolean);
}
