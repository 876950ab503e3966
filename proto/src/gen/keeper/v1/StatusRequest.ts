// Original file: proto/keeper/v1/admin.proto


export interface StatusRequest {
  'namespace'?: (string);
}

export interface StatusRequest__Output {
  'namespace': (string);
}
