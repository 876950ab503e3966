import http2 from 'node:http2'
import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { limits } from '../../base/limits.js'
import { FrameType } from './frames.js'
import { encodeFields, type Field, HpackDecoder } from './hpack.js'
import { huffmanDecode } from './huffman.js'
import { Opening } from './opening.js'

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex')
const fields = (text: string): Field[] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .map((line) => [line.slice(0, line.indexOf(': ', 1)), line.slice(line.indexOf(': ', 1) + 2)])

describe('the examples of RFC 7541', () => {
  test.each([
    ['C.2.1', '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572', 'custom-key: custom-header', 55],
    ['C.2.2', '040c 2f73 616d 706c 652f 7061 7468', ':path: /sample/path', 0],
    ['C.2.3', '1008 7061 7373 776f 7264 0673 6563 7265 74', 'password: secret', 0],
    ['C.2.4', '82', ':method: GET', 0],
  ])('%s: a field', (_section, block, expected, tableSize) => {
    const decoder = new HpackDecoder()
    expect(decoder.decode(hex(block))).toEqual(fields(expected))
    expect(decoder.tableSize).toBe(tableSize)
  })

  const requests: [string, number][] = [
    [':method: GET\n:scheme: http\n:path: /\n:authority: www.example.com', 57],
    [':method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\ncache-control: no-cache', 110],
    [':method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\ncustom-key: custom-value', 164],
  ]
  const responses: [string, number][] = [
    [
      ':status: 302\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\nlocation: https://www.example.com',
      222,
    ],
    [
      ':status: 307\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:21 GMT\nlocation: https://www.example.com',
      222,
    ],
    [
      ':status: 200\ncache-control: private\ndate: Mon, 21 Oct 2013 20:13:22 GMT\nlocation: https://www.example.com\n' +
        'content-encoding: gzip\nset-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
      215,
    ],
  ]

  test.each<[string, number, string[], [string, number][]]>([
    [
      'C.3: requests',
      4096,
      [
        '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
        '8286 84be 5808 6e6f 2d63 6163 6865',
        '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
      ],
      requests,
    ],
    [
      'C.4: requests with Huffman',
      4096,
      [
        '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
        '8286 84be 5886 a8eb 1064 9cbf',
        '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
      ],
      requests,
    ],
    [
      'C.5: responses, in a table of 256 octets',
      256,
      [
        '4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d' +
          '546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
        '4803 3330 37c1 c0bf',
        '88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f' +
          '6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630' +
          '303b 2076 6572 7369 6f6e 3d31',
      ],
      responses,
    ],
    [
      'C.6: responses with Huffman, in a table of 256 octets',
      256,
      [
        '4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7' +
          '8f0b 97c8 e9ae 82ae 43d3',
        '4883 640e ffc1 c0bf',
        '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335' +
          'dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07',
      ],
      responses,
    ],
  ])('%s', (_section, allowed, blocks, expected) => {
    const decoder = new HpackDecoder(allowed)
    for (const [at, [text, size]] of expected.entries()) {
      expect(decoder.decode(hex(blocks[at] ?? ''))).toEqual(fields(text))
      expect(decoder.tableSize).toBe(size)
    }
  })
})

test.each([
  ['an index beyond the tables', 'be'],
  ['index 0', '80'],
  ['a name with an index beyond the tables', '7f00 0161'],
  ['an integer without end', 'ffff ffff ffff ff'],
  ['a string longer than its block', '0085 6162'],
  ['a block that is cut off', '40'],
  ['a table larger than allowed', '3fe2 1f'],
  ['a change of the table size after a field', '8220'],
  ['Huffman padding of zeroes', '0081 1800'],
  ['Huffman padding of a whole octet', '0082 1fff 00'],
  ['EOS inside a string', '0084 ffff ffff 00'],
])('%s is a compression error', (_what, block) => {
  expect(() => new HpackDecoder().decode(hex(block))).toThrow(expect.objectContaining({ code: 9 }))
})

test('a table that the peer may no longer use is forgotten', () => {
  const decoder = new HpackDecoder()
  decoder.decode(hex('400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572'))
  decoder.allow(0)
  expect(decoder.tableSize).toBe(0)
  expect(() => decoder.decode(hex('be'))).toThrow(expect.objectContaining({ code: 9 }))
})

test('a small block of many large fields is stopped at the limit', () => {
  const length = 3_000 - 127
  const field = Buffer.concat([
    hex('4001 61 7f'),
    Buffer.of((length % 128) + 128, Math.floor(length / 128)),
    Buffer.alloc(3_000, 0x62),
  ])
  const bomb = Buffer.concat([field, Buffer.alloc(10_000, 0xbe)])
  expect(bomb.length).toBeLessThan(limits.h2HeaderBlockBytesMax)
  expect(() => new HpackDecoder().decode(bomb)).toThrow(expect.objectContaining({ code: 11 }))
})

test('what is encoded is decoded: short and long, whatever the lengths', () => {
  const written: Field[] = [0, 1, 126, 127, 128, 254, 255, 256, 5_000].map((length) => ['name', 'v'.repeat(length)])
  expect(new HpackDecoder().decode(encodeFields(written))).toEqual(written)
})

test.each([
  [0x00, 0x1ff8, 13],
  [0x01, 0x7fffd8, 23],
  [0x0a, 0x3ffffffc, 30],
  [0x20, 0x14, 6],
  [0x26, 0xf8, 8],
  [0x5c, 0x7fff0, 19],
  [0x7e, 0x1ffd, 13],
  [0x7f, 0xffffffc, 28],
  [0x80, 0xfffe6, 20],
  [0xf9, 0xffffffe, 28],
  [0xff, 0x3ffffee, 26],
])('octet %i has the code that appendix B lists', (symbol, code, bits) => {
  const padded = code
    .toString(2)
    .padStart(bits, '0')
    .padEnd(Math.ceil(bits / 8) * 8, '1')
  const bytes = padded.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2))
  expect([...huffmanDecode(Buffer.from(bytes ?? []))]).toEqual([symbol])
})

test('reads what nghttp2 writes', async () => {
  const visible = Array.from({ length: 94 }, (_, at) => String.fromCharCode(at + 33)).join('')
  const opening = new Opening(() => true)
  const block = await new Promise<Buffer>((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        opening.feed(chunk)
        let bytes = opening.afterPreface
        while (bytes.length > 9 && bytes[3] !== FrameType.headers) bytes = bytes.subarray(9 + bytes.readUIntBE(0, 3))
        const length = bytes.length > 9 ? bytes.readUIntBE(0, 3) : Number.POSITIVE_INFINITY
        if (bytes.length < 9 + length) return
        resolve(bytes.subarray(9, 9 + length))
        socket.destroy()
        server.close()
      })
    }).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      const session = http2.connect(`http://127.0.0.1:${port}`)
      session.on('error', () => {})
      session.request({ ':path': '/a/b', ':method': 'POST', 'x-visible': visible, 'x-digits': '0123456789'.repeat(20) })
    })
  })
  const read = Object.fromEntries(new HpackDecoder().decode(block))
  expect(read).toMatchObject({ ':path': '/a/b', 'x-visible': visible, 'x-digits': '0123456789'.repeat(20) })
})
