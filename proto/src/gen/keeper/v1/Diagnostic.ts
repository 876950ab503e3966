// Original file: proto/keeper/v1/admin.proto


export interface Diagnostic {
  'severity'?: (string);
  'rule'?: (string);
  'file'?: (string);
  'line'?: (number);
  'column'?: (number);
  'pointer'?: (string);
  'message'?: (string);
}

export interface Diagnostic__Output {
  'severity': (string);
  'rule': (string);
  'file': (string);
  'line': (number);
  'column': (number);
  'pointer': (string);
  'message': (string);
}
