// Original file: proto/keeper/v1/secrets.proto


export interface ListSecretsRequest {
  'namespace'?: (string);
}

export interface ListSecretsRequest__Output {
  'namespace': (string);
}
