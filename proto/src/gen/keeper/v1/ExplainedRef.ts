// Original file: proto/keeper/v1/changes.proto

import type { Explanation as _keeper_v1_Explanation, Explanation__Output as _keeper_v1_Explanation__Output } from '../../keeper/v1/Explanation.js';

export interface ExplainedRef {
  'text'?: (string);
  'from'?: (_keeper_v1_Explanation | null);
}

export interface ExplainedRef__Output {
  'text': (string);
  'from': (_keeper_v1_Explanation__Output | null);
}
