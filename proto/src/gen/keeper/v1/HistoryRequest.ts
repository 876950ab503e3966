// Original file: proto/keeper/v1/admin.proto


export interface HistoryRequest {
  'name'?: (string);
  'namespace'?: (string);
  'limit'?: (number);
}

export interface HistoryRequest__Output {
  'name': (string);
  'namespace': (string);
  'limit': (number);
}
