// Original file: proto/keeper/v1/admin.proto


export interface ListConfigsRequest {
  'namespace'?: (string);
  'prefix'?: (string);
}

export interface ListConfigsRequest__Output {
  'namespace': (string);
  'prefix': (string);
}
