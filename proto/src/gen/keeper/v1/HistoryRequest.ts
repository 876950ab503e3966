// Original file: proto/keeper/v1/admin.proto


export interface HistoryRequest {
  'name'?: (string);
  'namespace'?: (string);
  'limit'?: (number);
  'diff'?: (boolean);
}

export interface HistoryRequest__Output {
  'name': (string);
  'namespace': (string);
  'limit': (number);
  'diff': (boolean);
}
