// Original file: proto/keeper/v1/admin.proto


export interface PathChange {
  'pointer'?: (string);
  'beforeJson'?: (string);
  'afterJson'?: (string);
}

export interface PathChange__Output {
  'pointer': (string);
  'beforeJson': (string);
  'afterJson': (string);
}
