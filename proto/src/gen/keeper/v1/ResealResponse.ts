// Original file: proto/keeper/v1/secrets.proto


export interface ResealResponse {
  'resealed'?: (number);
  'already'?: (number);
}

export interface ResealResponse__Output {
  'resealed': (number);
  'already': (number);
}
