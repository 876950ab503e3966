// Original file: proto/keeper/v1/secrets.proto


export interface RemoveSecretRequest {
  'namespace'?: (string);
  'name'?: (string);
}

export interface RemoveSecretRequest__Output {
  'namespace': (string);
  'name': (string);
}
