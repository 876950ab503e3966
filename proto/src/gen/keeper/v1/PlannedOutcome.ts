// Original file: proto/keeper/v1/changes.proto

import type { PathChange as _keeper_v1_PathChange, PathChange__Output as _keeper_v1_PathChange__Output } from '../../keeper/v1/PathChange.js';

export interface PlannedOutcome {
  'overlays'?: (string)[];
  'overlaysBefore'?: (string)[];
  'hadValue'?: (boolean);
  'hasValue'?: (boolean);
  'changed'?: (boolean);
  'paths'?: (_keeper_v1_PathChange)[];
  'pathsTotal'?: (number);
  'processes'?: (number);
  'away'?: (number);
  'unknown'?: (number);
  'instances'?: (string)[];
}

export interface PlannedOutcome__Output {
  'overlays': (string)[];
  'overlaysBefore': (string)[];
  'hadValue': (boolean);
  'hasValue': (boolean);
  'changed': (boolean);
  'paths': (_keeper_v1_PathChange__Output)[];
  'pathsTotal': (number);
  'processes': (number);
  'away': (number);
  'unknown': (number);
  'instances': (string)[];
}
