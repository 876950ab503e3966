// Original file: proto/keeper/v1/admin.proto

import type { ApplyHeader as _keeper_v1_ApplyHeader, ApplyHeader__Output as _keeper_v1_ApplyHeader__Output } from '../../keeper/v1/ApplyHeader.js';
import type { ApplyFile as _keeper_v1_ApplyFile, ApplyFile__Output as _keeper_v1_ApplyFile__Output } from '../../keeper/v1/ApplyFile.js';
import type { Diagnostic as _keeper_v1_Diagnostic, Diagnostic__Output as _keeper_v1_Diagnostic__Output } from '../../keeper/v1/Diagnostic.js';

export interface ApplyRequest {
  'header'?: (_keeper_v1_ApplyHeader | null);
  'file'?: (_keeper_v1_ApplyFile | null);
  'problem'?: (_keeper_v1_Diagnostic | null);
  'kind'?: "header"|"file"|"problem";
}

export interface ApplyRequest__Output {
  'header'?: (_keeper_v1_ApplyHeader__Output | null);
  'file'?: (_keeper_v1_ApplyFile__Output | null);
  'problem'?: (_keeper_v1_Diagnostic__Output | null);
  'kind'?: "header"|"file"|"problem";
}
