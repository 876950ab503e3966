// Original file: proto/keeper/v1/changes.proto


export interface ExplainedLayer {
  'kind'?: (string);
  'file'?: (string);
  'line'?: (number);
  'column'?: (number);
  'pointer'?: (string);
  'when'?: ({[key: string]: string});
  'effect'?: (string);
  'valueJson'?: (string);
}

export interface ExplainedLayer__Output {
  'kind': (string);
  'file': (string);
  'line': (number);
  'column': (number);
  'pointer': (string);
  'when': ({[key: string]: string});
  'effect': (string);
  'valueJson': (string);
}
