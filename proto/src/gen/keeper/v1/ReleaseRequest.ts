// Original file: proto/keeper/v1/admin.proto


export interface ReleaseRequest {
  'name'?: (string);
  'namespace'?: (string);
  'author'?: (string);
}

export interface ReleaseRequest__Output {
  'name': (string);
  'namespace': (string);
  'author': (string);
}
