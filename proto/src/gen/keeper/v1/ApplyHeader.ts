// Original file: proto/keeper/v1/admin.proto


export interface ApplyHeader {
  'source'?: (string);
  'author'?: (string);
  'reason'?: (string);
  'namespace'?: (string);
  'dryRun'?: (boolean);
  'takeover'?: (boolean);
  'release'?: (string)[];
  'gitCommit'?: (string);
  'waitShare'?: (number | string);
  'waitTimeoutMs'?: (number);
}

export interface ApplyHeader__Output {
  'source': (string);
  'author': (string);
  'reason': (string);
  'namespace': (string);
  'dryRun': (boolean);
  'takeover': (boolean);
  'release': (string)[];
  'gitCommit': (string);
  'waitShare': (number);
  'waitTimeoutMs': (number);
}
