// Original file: proto/keeper/v1/admin.proto


export interface ParkedSet {
  'id'?: (string);
  'guards'?: (string)[];
}

export interface ParkedSet__Output {
  'id': (string);
  'guards': (string)[];
}
