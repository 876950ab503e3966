// Original file: proto/keeper/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface MemberStatus {
  'id'?: (number | string | Long);
  'name'?: (string);
  'role'?: (string);
  'peer'?: (string);
  'clients'?: (string)[];
  'version'?: (string);
  'joined'?: (boolean);
  'active'?: (boolean);
  'wanted'?: (string);
  'match'?: (number | string | Long);
  'lag'?: (number | string | Long);
  'replication'?: (string);
}

export interface MemberStatus__Output {
  'id': (string);
  'name': (string);
  'role': (string);
  'peer': (string);
  'clients': (string)[];
  'version': (string);
  'joined': (boolean);
  'active': (boolean);
  'wanted': (string);
  'match': (string);
  'lag': (string);
  'replication': (string);
}
