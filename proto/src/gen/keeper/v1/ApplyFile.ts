// Original file: proto/keeper/v1/admin.proto


export interface ApplyFile {
  'path'?: (string);
  'bytes'?: (Buffer | Uint8Array | string);
  'last'?: (boolean);
  'length'?: (number);
}

export interface ApplyFile__Output {
  'path': (string);
  'bytes': (Buffer);
  'last': (boolean);
  'length': (number);
}
