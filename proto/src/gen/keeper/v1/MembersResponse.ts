// Original file: proto/keeper/v1/admin.proto

import type { MemberStatus as _keeper_v1_MemberStatus, MemberStatus__Output as _keeper_v1_MemberStatus__Output } from '../../keeper/v1/MemberStatus.js';
import type { Long } from '@grpc/proto-loader';

export interface MembersResponse {
  'memberId'?: (number | string | Long);
  'members'?: (_keeper_v1_MemberStatus)[];
  'clusterId'?: (string);
}

export interface MembersResponse__Output {
  'memberId': (string);
  'members': (_keeper_v1_MemberStatus__Output)[];
  'clusterId': (string);
}
