// Original file: proto/keeper/v1/admin.proto


export interface InstancesRequest {
  'namespace'?: (string);
  'cluster'?: (string);
  'role'?: (string);
}

export interface InstancesRequest__Output {
  'namespace': (string);
  'cluster': (string);
  'role': (string);
}
