// Original file: proto/keeper/v1/secrets.proto


export interface PutSecretRequest {
  'namespace'?: (string);
  'name'?: (string);
  'value'?: (Buffer | Uint8Array | string);
  'author'?: (string);
  'reason'?: (string);
  'mustExist'?: (boolean);
}

export interface PutSecretRequest__Output {
  'namespace': (string);
  'name': (string);
  'value': (Buffer);
  'author': (string);
  'reason': (string);
  'mustExist': (boolean);
}
