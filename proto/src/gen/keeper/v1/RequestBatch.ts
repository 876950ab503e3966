// Original file: proto/keeper/v1/session.proto

import type { Request as _keeper_v1_Request, Request__Output as _keeper_v1_Request__Output } from '../../keeper/v1/Request.js';
import type { Long } from '@grpc/proto-loader';

export interface RequestBatch {
  'requests'?: (_keeper_v1_Request)[];
  'lowWater'?: (number | string | Long);
}

export interface RequestBatch__Output {
  'requests': (_keeper_v1_Request__Output)[];
  'lowWater': (string);
}
