import { encodeText } from '../../keeper/src/base/codec.js'
import type { PutOperation } from '../../keeper/src/store/types.js'

/** A put of that, and nothing else about it. */
export const putOf = (key: string | Uint8Array, value: string | Uint8Array, lease = 0n): PutOperation => ({
  kind: 'put',
  key: typeof key === 'string' ? encodeText(key) : key,
  value: typeof value === 'string' ? encodeText(value) : value,
  lease,
  revisionSuffix: false,
  prevKv: false,
  ignoreValue: false,
  ignoreLease: false,
})
