// Original file: proto/keeper/v1/admin.proto

import type { HistoryEntry as _keeper_v1_HistoryEntry, HistoryEntry__Output as _keeper_v1_HistoryEntry__Output } from '../../keeper/v1/HistoryEntry.js';

export interface HistoryResponse {
  'entries'?: (_keeper_v1_HistoryEntry)[];
}

export interface HistoryResponse__Output {
  'entries': (_keeper_v1_HistoryEntry__Output)[];
}
