// Original file: proto/keeper/v1/changes.proto


export interface ExplainRequest {
  'namespace'?: (string);
  'name'?: (string);
  'pointer'?: (string);
  'asInstance'?: (string);
  'asLabels'?: ({[key: string]: string});
}

export interface ExplainRequest__Output {
  'namespace': (string);
  'name': (string);
  'pointer': (string);
  'asInstance': (string);
  'asLabels': ({[key: string]: string});
}
