// Original file: proto/keeper/v1/session.proto


export interface Status {
  'code'?: (string);
  'message'?: (string);
  'detailsJson'?: (string);
}

export interface Status__Output {
  'code': (string);
  'message': (string);
  'detailsJson': (string);
}
