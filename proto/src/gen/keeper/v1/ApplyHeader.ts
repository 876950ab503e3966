// Original file: proto/keeper/v1/admin.proto

import type { PlannedName as _keeper_v1_PlannedName, PlannedName__Output as _keeper_v1_PlannedName__Output } from '../../keeper/v1/PlannedName.js';

export interface ApplyHeader {
  'source'?: (string);
  'author'?: (string);
  'reason'?: (string);
  'namespace'?: (string);
  'dryRun'?: (boolean);
  'takeover'?: (boolean);
  'release'?: (string)[];
  'gitCommit'?: (string);
  'waitShare'?: (number | string);
  'waitTimeoutMs'?: (number);
  'asPlanned'?: (boolean);
  'planned'?: (_keeper_v1_PlannedName)[];
  'clusterId'?: (string);
  'spreadMs'?: (number);
  'refuseTypeChanges'?: (boolean);
  'againstLive'?: (boolean);
  'maxAffected'?: (number | string);
  'place'?: (string);
}

export interface ApplyHeader__Output {
  'source': (string);
  'author': (string);
  'reason': (string);
  'namespace': (string);
  'dryRun': (boolean);
  'takeover': (boolean);
  'release': (string)[];
  'gitCommit': (string);
  'waitShare': (number);
  'waitTimeoutMs': (number);
  'asPlanned': (boolean);
  'planned': (_keeper_v1_PlannedName__Output)[];
  'clusterId': (string);
  'spreadMs': (number);
  'refuseTypeChanges': (boolean);
  'againstLive': (boolean);
  'maxAffected': (number);
  'place': (string);
}
