// Original file: proto/keeper/v1/control.proto

import type { EventView as _keeper_v1_EventView, EventView__Output as _keeper_v1_EventView__Output } from '../../keeper/v1/EventView.js';
import type { Long } from '@grpc/proto-loader';

export interface EventBatch {
  'events'?: (_keeper_v1_EventView)[];
  'revision'?: (number | string | Long);
  'caughtUp'?: (boolean);
  'oldest'?: (number | string | Long);
}

export interface EventBatch__Output {
  'events': (_keeper_v1_EventView__Output)[];
  'revision': (string);
  'caughtUp': (boolean);
  'oldest': (string);
}
