// Original file: proto/keeper/v1/session.proto


export interface TelemetryBatch {
  'samples'?: (Buffer | Uint8Array | string);
}

export interface TelemetryBatch__Output {
  'samples': (Buffer);
}
