import { limits } from '../../base/limits.js'
import { Setting, settingsFrame } from './frames.js'

/** Our first frame. The same settings as those of the listener's other connections: either may follow the other. */
export const greeting = settingsFrame([
  [Setting.headerTableSize, 0],
  [Setting.enablePush, 0],
  [Setting.maxConcurrentStreams, limits.streamsPerConnectionMax],
])
