// Original file: proto/keeper/v1/control.proto

import type { ChangeSetView as _keeper_v1_ChangeSetView, ChangeSetView__Output as _keeper_v1_ChangeSetView__Output } from '../../keeper/v1/ChangeSetView.js';

export interface ChangeSetsResponse {
  'sets'?: (_keeper_v1_ChangeSetView)[];
}

export interface ChangeSetsResponse__Output {
  'sets': (_keeper_v1_ChangeSetView__Output)[];
}
