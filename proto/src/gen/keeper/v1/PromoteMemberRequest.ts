// Original file: proto/keeper/v1/admin.proto


export interface PromoteMemberRequest {
  'name'?: (string);
}

export interface PromoteMemberRequest__Output {
  'name': (string);
}
