// Original file: proto/keeper/v1/control.proto


export interface PendingRequest {
  'namespace'?: (string);
  'id'?: (string);
}

export interface PendingRequest__Output {
  'namespace': (string);
  'id': (string);
}
