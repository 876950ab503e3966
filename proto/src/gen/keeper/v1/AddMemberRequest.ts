// Original file: proto/keeper/v1/admin.proto


export interface AddMemberRequest {
  'name'?: (string);
  'peer'?: (string);
  'learner'?: (boolean);
}

export interface AddMemberRequest__Output {
  'name': (string);
  'peer': (string);
  'learner': (boolean);
}
