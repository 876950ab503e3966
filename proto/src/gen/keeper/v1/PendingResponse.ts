// Original file: proto/keeper/v1/control.proto

import type { PendingSet as _keeper_v1_PendingSet, PendingSet__Output as _keeper_v1_PendingSet__Output } from '../../keeper/v1/PendingSet.js';

export interface PendingResponse {
  'sets'?: (_keeper_v1_PendingSet)[];
}

export interface PendingResponse__Output {
  'sets': (_keeper_v1_PendingSet__Output)[];
}
