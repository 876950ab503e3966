// Original file: proto/keeper/v1/changes.proto

import type { Explanation as _keeper_v1_Explanation, Explanation__Output as _keeper_v1_Explanation__Output } from '../../keeper/v1/Explanation.js';
import type { Long } from '@grpc/proto-loader';

export interface ExplainResponse {
  'values'?: (_keeper_v1_Explanation)[];
  'revision'?: (number | string | Long);
  'author'?: (string);
  'reason'?: (string);
  'source'?: (string);
  'action'?: (string);
  'wallMs'?: (number | string | Long);
}

export interface ExplainResponse__Output {
  'values': (_keeper_v1_Explanation__Output)[];
  'revision': (string);
  'author': (string);
  'reason': (string);
  'source': (string);
  'action': (string);
  'wallMs': (string);
}
