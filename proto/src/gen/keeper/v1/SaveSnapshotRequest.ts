// Original file: proto/keeper/v1/admin.proto


export interface SaveSnapshotRequest {
}

export interface SaveSnapshotRequest__Output {
}
