// Original file: proto/keeper/v1/changes.proto

import type { EditHeader as _keeper_v1_EditHeader, EditHeader__Output as _keeper_v1_EditHeader__Output } from '../../keeper/v1/EditHeader.js';
import type { ApplyFile as _keeper_v1_ApplyFile, ApplyFile__Output as _keeper_v1_ApplyFile__Output } from '../../keeper/v1/ApplyFile.js';

export interface EditRequest {
  'header'?: (_keeper_v1_EditHeader | null);
  'file'?: (_keeper_v1_ApplyFile | null);
  'kind'?: "header"|"file";
}

export interface EditRequest__Output {
  'header'?: (_keeper_v1_EditHeader__Output | null);
  'file'?: (_keeper_v1_ApplyFile__Output | null);
  'kind'?: "header"|"file";
}
