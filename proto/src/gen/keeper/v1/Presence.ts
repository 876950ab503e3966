// Original file: proto/keeper/v1/session.proto


export interface Presence {
  'role'?: (string);
  'delta'?: (Buffer | Uint8Array | string);
}

export interface Presence__Output {
  'role': (string);
  'delta': (Buffer);
}
