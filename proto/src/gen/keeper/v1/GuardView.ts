// Original file: proto/keeper/v1/control.proto


export interface GuardView {
  'kind'?: (string);
  'message'?: (string);
}

export interface GuardView__Output {
  'kind': (string);
  'message': (string);
}
