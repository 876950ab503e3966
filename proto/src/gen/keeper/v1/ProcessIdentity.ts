// Original file: proto/keeper/v1/session.proto


export interface ProcessIdentity {
  'cluster'?: (string);
  'role'?: (string);
  'instance'?: (string);
  'incarnation'?: (string);
  'labels'?: ({[key: string]: string});
  'addresses'?: ({[key: string]: string});
  'host'?: (string);
  'pid'?: (number);
}

export interface ProcessIdentity__Output {
  'cluster': (string);
  'role': (string);
  'instance': (string);
  'incarnation': (string);
  'labels': ({[key: string]: string});
  'addresses': ({[key: string]: string});
  'host': (string);
  'pid': (number);
}
