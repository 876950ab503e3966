import { crc32 as zlibCrc32 } from 'node:zlib'

/** CRC-32 (ISO-HDLC, as in zlib) of `bytes`, continuing from `seed`. */
export const crc32 = (bytes: Uint8Array, seed = 0): number => zlibCrc32(bytes, seed)
