// Original file: proto/keeper/v1/session.proto

export const AckState = {
  ACK_STATE_UNSPECIFIED: 'ACK_STATE_UNSPECIFIED',
  ACK_STATE_RECEIVED: 'ACK_STATE_RECEIVED',
  ACK_STATE_APPLIED: 'ACK_STATE_APPLIED',
  ACK_STATE_REJECTED: 'ACK_STATE_REJECTED',
  ACK_STATE_FAILED: 'ACK_STATE_FAILED',
} as const;

export type AckState =
  | 'ACK_STATE_UNSPECIFIED'
  | 0
  | 'ACK_STATE_RECEIVED'
  | 1
  | 'ACK_STATE_APPLIED'
  | 2
  | 'ACK_STATE_REJECTED'
  | 3
  | 'ACK_STATE_FAILED'
  | 4

export type AckState__Output = typeof AckState[keyof typeof AckState]
