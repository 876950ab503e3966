// Original file: proto/keeper/v1/admin.proto


export interface LedgerRequest {
  'name'?: (string);
  'namespace'?: (string);
}

export interface LedgerRequest__Output {
  'name': (string);
  'namespace': (string);
}
