// Original file: proto/keeper/v1/admin.proto


export interface ListMembersRequest {
}

export interface ListMembersRequest__Output {
}
