// Original file: proto/keeper/v1/admin.proto

import type { SourceStatus as _keeper_v1_SourceStatus, SourceStatus__Output as _keeper_v1_SourceStatus__Output } from '../../keeper/v1/SourceStatus.js';
import type { HeldName as _keeper_v1_HeldName, HeldName__Output as _keeper_v1_HeldName__Output } from '../../keeper/v1/HeldName.js';
import type { Status as _keeper_v1_Status, Status__Output as _keeper_v1_Status__Output } from '../../keeper/v1/Status.js';
import type { Long } from '@grpc/proto-loader';

export interface StatusResponse {
  'version'?: (string);
  'clusterId'?: (string);
  'storeEpoch'?: (number | string | Long);
  'memberName'?: (string);
  'memberId'?: (number | string | Long);
  'role'?: (string);
  'term'?: (number | string | Long);
  'leader'?: (string);
  'commitIndex'?: (number | string | Long);
  'appliedIndex'?: (number | string | Long);
  'flushedIndex'?: (number | string | Long);
  'systemRevision'?: (number | string | Long);
  'userRevision'?: (number | string | Long);
  'stateHash'?: (string);
  'condition'?: (string);
  'sessions'?: (number);
  'configs'?: (number);
  'holds'?: (string)[];
  'sources'?: (_keeper_v1_SourceStatus)[];
  'logBytes'?: (number | string | Long);
  'bytesInUse'?: (number | string | Long);
  'startedUnixMs'?: (number | string | Long);
  'alarms'?: (string)[];
  'freeBytes'?: (number | string | Long);
  'held'?: (_keeper_v1_HeldName)[];
  'pending'?: (number);
  'unowned'?: (string)[];
  'sessionsHere'?: (number);
  'disagreements'?: (_keeper_v1_Status)[];
}

export interface StatusResponse__Output {
  'version': (string);
  'clusterId': (string);
  'storeEpoch': (string);
  'memberName': (string);
  'memberId': (string);
  'role': (string);
  'term': (string);
  'leader': (string);
  'commitIndex': (string);
  'appliedIndex': (string);
  'flushedIndex': (string);
  'systemRevision': (string);
  'userRevision': (string);
  'stateHash': (string);
  'condition': (string);
  'sessions': (number);
  'configs': (number);
  'holds': (string)[];
  'sources': (_keeper_v1_SourceStatus__Output)[];
  'logBytes': (string);
  'bytesInUse': (string);
  'startedUnixMs': (string);
  'alarms': (string)[];
  'freeBytes': (string);
  'held': (_keeper_v1_HeldName__Output)[];
  'pending': (number);
  'unowned': (string)[];
  'sessionsHere': (number);
  'disagreements': (_keeper_v1_Status__Output)[];
}
