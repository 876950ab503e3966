// Original file: proto/keeper/v1/changes.proto


export interface FilesRequest {
  'namespace'?: (string);
  'names'?: (string)[];
}

export interface FilesRequest__Output {
  'namespace': (string);
  'names': (string)[];
}
