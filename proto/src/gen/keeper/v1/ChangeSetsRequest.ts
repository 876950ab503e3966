// Original file: proto/keeper/v1/control.proto


export interface ChangeSetsRequest {
  'namespace'?: (string);
  'limit'?: (number);
  'diff'?: (boolean);
}

export interface ChangeSetsRequest__Output {
  'namespace': (string);
  'limit': (number);
  'diff': (boolean);
}
