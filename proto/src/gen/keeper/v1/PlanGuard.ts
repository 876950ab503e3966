// Original file: proto/keeper/v1/changes.proto


export interface PlanGuard {
  'kind'?: (string);
  'message'?: (string);
}

export interface PlanGuard__Output {
  'kind': (string);
  'message': (string);
}
