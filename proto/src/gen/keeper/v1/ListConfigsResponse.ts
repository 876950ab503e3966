// Original file: proto/keeper/v1/admin.proto

import type { ConfigSummary as _keeper_v1_ConfigSummary, ConfigSummary__Output as _keeper_v1_ConfigSummary__Output } from '../../keeper/v1/ConfigSummary.js';

export interface ListConfigsResponse {
  'configs'?: (_keeper_v1_ConfigSummary)[];
}

export interface ListConfigsResponse__Output {
  'configs': (_keeper_v1_ConfigSummary__Output)[];
}
