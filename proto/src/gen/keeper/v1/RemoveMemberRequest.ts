// Original file: proto/keeper/v1/admin.proto


export interface RemoveMemberRequest {
  'name'?: (string);
  'force'?: (boolean);
}

export interface RemoveMemberRequest__Output {
  'name': (string);
  'force': (boolean);
}
