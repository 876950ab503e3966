// Original file: proto/keeper/v1/control.proto


export interface VerdictRequest {
  'namespace'?: (string);
  'id'?: (string);
  'author'?: (string);
  'reason'?: (string);
}

export interface VerdictRequest__Output {
  'namespace': (string);
  'id': (string);
  'author': (string);
  'reason': (string);
}
