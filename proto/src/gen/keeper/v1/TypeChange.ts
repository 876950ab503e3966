// Original file: proto/keeper/v1/changes.proto


export interface TypeChange {
  'pointer'?: (string);
  'before'?: (string);
  'after'?: (string);
  'overlays'?: (string)[];
}

export interface TypeChange__Output {
  'pointer': (string);
  'before': (string);
  'after': (string);
  'overlays': (string)[];
}
