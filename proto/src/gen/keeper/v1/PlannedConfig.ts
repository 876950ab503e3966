// Original file: proto/keeper/v1/changes.proto

import type { PlannedOutcome as _keeper_v1_PlannedOutcome, PlannedOutcome__Output as _keeper_v1_PlannedOutcome__Output } from '../../keeper/v1/PlannedOutcome.js';
import type { TypeChange as _keeper_v1_TypeChange, TypeChange__Output as _keeper_v1_TypeChange__Output } from '../../keeper/v1/TypeChange.js';
import type { Long } from '@grpc/proto-loader';

export interface PlannedConfig {
  'name'?: (string);
  'kind'?: (string);
  'fromRevision'?: (number | string | Long);
  'digest'?: (string);
  'audience'?: ({[key: string]: string});
  'nobody'?: (boolean);
  'hasSchema'?: (boolean);
  'processes'?: (number);
  'affected'?: (number);
  'outcomes'?: (_keeper_v1_PlannedOutcome)[];
  'outcomesTotal'?: (number);
  'types'?: (_keeper_v1_TypeChange)[];
  'toRevision'?: (number | string | Long);
}

export interface PlannedConfig__Output {
  'name': (string);
  'kind': (string);
  'fromRevision': (string);
  'digest': (string);
  'audience': ({[key: string]: string});
  'nobody': (boolean);
  'hasSchema': (boolean);
  'processes': (number);
  'affected': (number);
  'outcomes': (_keeper_v1_PlannedOutcome__Output)[];
  'outcomesTotal': (number);
  'types': (_keeper_v1_TypeChange__Output)[];
  'toRevision': (string);
}
