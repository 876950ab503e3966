// Original file: proto/keeper/v1/session.proto


export interface LeaseRevokeResponse {
}

export interface LeaseRevokeResponse__Output {
}
