// Original file: proto/keeper/v1/session.proto

import type { Long } from '@grpc/proto-loader';

// Original file: proto/keeper/v1/session.proto

export const _keeper_v1_Compare_Comparison = {
  EQUAL: 'EQUAL',
  GREATER: 'GREATER',
  LESS: 'LESS',
  NOT_EQUAL: 'NOT_EQUAL',
} as const;

export type _keeper_v1_Compare_Comparison =
  | 'EQUAL'
  | 0
  | 'GREATER'
  | 1
  | 'LESS'
  | 2
  | 'NOT_EQUAL'
  | 3

export type _keeper_v1_Compare_Comparison__Output = typeof _keeper_v1_Compare_Comparison[keyof typeof _keeper_v1_Compare_Comparison]

// Original file: proto/keeper/v1/session.proto

export const _keeper_v1_Compare_Target = {
  VERSION: 'VERSION',
  CREATE: 'CREATE',
  MOD: 'MOD',
  VALUE: 'VALUE',
  LEASE: 'LEASE',
} as const;

export type _keeper_v1_Compare_Target =
  | 'VERSION'
  | 0
  | 'CREATE'
  | 1
  | 'MOD'
  | 2
  | 'VALUE'
  | 3
  | 'LEASE'
  | 4

export type _keeper_v1_Compare_Target__Output = typeof _keeper_v1_Compare_Target[keyof typeof _keeper_v1_Compare_Target]

export interface Compare {
  'key'?: (Buffer | Uint8Array | string);
  'target'?: (_keeper_v1_Compare_Target);
  'comparison'?: (_keeper_v1_Compare_Comparison);
  'number'?: (number | string | Long);
  'value'?: (Buffer | Uint8Array | string);
  'lease'?: (number | string | Long);
}

export interface Compare__Output {
  'key': (Buffer);
  'target': (_keeper_v1_Compare_Target__Output);
  'comparison': (_keeper_v1_Compare_Comparison__Output);
  'number': (string);
  'value': (Buffer);
  'lease': (string);
}
