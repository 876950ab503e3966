// Original file: proto/keeper/v1/changes.proto

import type { UndoRequest as _keeper_v1_UndoRequest, UndoRequest__Output as _keeper_v1_UndoRequest__Output } from '../../keeper/v1/UndoRequest.js';

export interface GuardedUndoRequest {
  'undo'?: (_keeper_v1_UndoRequest | null);
  'maxAffected'?: (number | string);
  'dryRun'?: (boolean);
}

export interface GuardedUndoRequest__Output {
  'undo': (_keeper_v1_UndoRequest__Output | null);
  'maxAffected': (number);
  'dryRun': (boolean);
}
