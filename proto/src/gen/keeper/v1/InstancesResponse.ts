// Original file: proto/keeper/v1/admin.proto

import type { InstanceView as _keeper_v1_InstanceView, InstanceView__Output as _keeper_v1_InstanceView__Output } from '../../keeper/v1/InstanceView.js';

export interface InstancesResponse {
  'instances'?: (_keeper_v1_InstanceView)[];
  'unreachableMembers'?: (string)[];
}

export interface InstancesResponse__Output {
  'instances': (_keeper_v1_InstanceView__Output)[];
  'unreachableMembers': (string)[];
}
