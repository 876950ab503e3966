// Original file: proto/keeper/v1/session.proto


export interface Leave {
  'reason'?: (string);
}

export interface Leave__Output {
  'reason': (string);
}
