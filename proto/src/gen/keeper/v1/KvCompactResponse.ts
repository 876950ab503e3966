// Original file: proto/keeper/v1/admin.proto


export interface KvCompactResponse {
}

export interface KvCompactResponse__Output {
}
