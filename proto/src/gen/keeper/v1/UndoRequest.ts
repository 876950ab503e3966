// Original file: proto/keeper/v1/changes.proto


export interface UndoRequest {
  'namespace'?: (string);
  'changeSet'?: (string);
  'author'?: (string);
  'reason'?: (string);
  'spreadMs'?: (number);
}

export interface UndoRequest__Output {
  'namespace': (string);
  'changeSet': (string);
  'author': (string);
  'reason': (string);
  'spreadMs': (number);
}
