// Original file: proto/keeper/v1/changes.proto

import type { PlanSummary as _keeper_v1_PlanSummary, PlanSummary__Output as _keeper_v1_PlanSummary__Output } from '../../keeper/v1/PlanSummary.js';
import type { PlannedConfig as _keeper_v1_PlannedConfig, PlannedConfig__Output as _keeper_v1_PlannedConfig__Output } from '../../keeper/v1/PlannedConfig.js';

export interface PlanPiece {
  'summary'?: (_keeper_v1_PlanSummary | null);
  'config'?: (_keeper_v1_PlannedConfig | null);
  'kind'?: "summary"|"config";
}

export interface PlanPiece__Output {
  'summary'?: (_keeper_v1_PlanSummary__Output | null);
  'config'?: (_keeper_v1_PlannedConfig__Output | null);
  'kind'?: "summary"|"config";
}
