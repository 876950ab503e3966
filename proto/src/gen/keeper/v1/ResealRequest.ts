// Original file: proto/keeper/v1/secrets.proto


export interface ResealRequest {
  'namespace'?: (string);
}

export interface ResealRequest__Output {
  'namespace': (string);
}
