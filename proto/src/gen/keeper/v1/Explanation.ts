// Original file: proto/keeper/v1/changes.proto

import type { ExplainedLayer as _keeper_v1_ExplainedLayer, ExplainedLayer__Output as _keeper_v1_ExplainedLayer__Output } from '../../keeper/v1/ExplainedLayer.js';
import type { ExplainedRef as _keeper_v1_ExplainedRef, ExplainedRef__Output as _keeper_v1_ExplainedRef__Output } from '../../keeper/v1/ExplainedRef.js';

export interface Explanation {
  'name'?: (string);
  'pointer'?: (string);
  'valueJson'?: (string);
  'layers'?: (_keeper_v1_ExplainedLayer)[];
  'refs'?: (_keeper_v1_ExplainedRef)[];
}

export interface Explanation__Output {
  'name': (string);
  'pointer': (string);
  'valueJson': (string);
  'layers': (_keeper_v1_ExplainedLayer__Output)[];
  'refs': (_keeper_v1_ExplainedRef__Output)[];
}
