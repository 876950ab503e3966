// Original file: proto/keeper/v1/session.proto

import type { Command as _keeper_v1_Command, Command__Output as _keeper_v1_Command__Output } from '../../keeper/v1/Command.js';

export interface CommandBatch {
  'commands'?: (_keeper_v1_Command)[];
}

export interface CommandBatch__Output {
  'commands': (_keeper_v1_Command__Output)[];
}
