import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compileTree } from '../../keeper/src/compile/compiler.js'
import { goOf } from '../../keeper/src/compile/go.js'
import { tree } from '../../keeper/src/compile/testing/tree.js'

const run = promisify(execFile)
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-go-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const hasGo = (() => {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

const seconds = { type: 'number', unit: 's' }
const schema = {
  type: 'object',
  required: ['timeout', 'mode', 'retries', 'nullable', 'node', 'all'],
  properties: {
    timeout: { type: 'integer', unit: 'ms', description: 'How long */ a call\nmay take.' },
    idle: seconds,
    retries: { type: 'array', items: seconds },
    perZone: { type: 'object', additionalProperties: { type: 'array', items: { type: 'integer', unit: 'min' } } },
    maxBytes: { type: 'integer', unit: 'bytes', default: 65536 },
    mode: { enum: ['fast', 'safe'] },
    nullable: { type: ['string', 'null'] },
    any: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
    node: { $ref: '#/$defs/node' },
    redis: { type: 'object', required: ['keepAlive'], properties: { keepAlive: { type: 'integer', unit: 'h' } } },
    all: { allOf: [{ $ref: '#/$defs/node' }, { properties: { extra: { type: 'boolean' } }, required: ['extra'] }] },
    'odd key!': { type: 'boolean' },
    'a,b': { type: 'string' },
    type: { type: 'string' },
  },
  $defs: {
    node: {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string' },
        wait: seconds,
        children: { type: 'array', items: { $ref: '#/$defs/node' } },
        next: { $ref: '#/$defs/node' },
      },
    },
  },
}
const room = {
  ...{ timeout: 1500, idle: 0.25, retries: [1, 2.5], perZone: { bj: [5] }, mode: 'fast', nullable: null, any: 'x' },
  ...{ node: { name: 'a', children: [{ name: 'b', wait: 3 }], next: { name: 'c' } }, redis: { keepAlive: 2 } },
  ...{ all: { name: 'd', extra: true }, 'odd key!': true, type: 't' },
}

const main = `package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

func main() {
	var room PushRoom
	if err := json.NewDecoder(os.Stdin).Decode(&room); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	var timeout time.Duration = room.Timeout
	var idle *time.Duration = room.Idle
	var retries []time.Duration = room.Retries
	var zones map[string][]time.Duration = room.PerZone
	fmt.Println(timeout, *idle, retries, zones, room.Redis.KeepAlive, *room.Node.Children[0].Wait, room.Mode, room.MaxBytes)
	text, err := json.Marshal(room)
	fmt.Println(string(text), err)
	var broken PushRoom
	fmt.Println(json.Unmarshal([]byte(\`{"timeout": 9223372036854775807}\`), &broken))
	var list PushList
	fmt.Println(json.Unmarshal([]byte(\`[1, 1500]\`), &list), []time.Duration(list))
}
`

test.skipIf(!hasGo)(
  'a Go program reads a config into its struct: durations are durations, and JSON again comes out',
  async () => {
    const source = tree({
      'push/room.json': JSON.stringify(room),
      'push/room.schema.json': JSON.stringify(schema),
      'push/list.yaml': '[1, 2]',
      'push/list.schema.json': JSON.stringify({ type: 'array', items: { type: 'integer', unit: 'ms' } }),
      'push/untyped.yaml': 'a: 1\nb: [{c: x}, {d: 1.5}]\n',
    })
    const { text } = goOf(compileTree(source), source, 'main')
    const files = { 'go.mod': 'module example\n\ngo 1.18\n', 'configs.go': text, 'main.go': main }
    for (const [path, content] of Object.entries(files)) await writeFile(join(folder, path), content)
    expect((await run('gofmt', ['-d', '.'], { cwd: folder })).stdout).toBe('')
    const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' }
    await run('go', ['vet', '.'], { cwd: folder, env })
    const running = run('go', ['run', '.'], { cwd: folder, env })
    running.child.stdin?.end(JSON.stringify({ ...room, maxBytes: 65536 }))
    const [shown, json = '', overflow, ...rest] = (await running).stdout.split('\n')
    expect(shown).toBe('1.5s 250ms [1s 2.5s] map[bj:[5m0s]] 2h0m0s 3s fast 65536')
    expect(JSON.parse(json.replace(/ <nil>$/, ''))).toEqual({ ...room, maxBytes: 65536 })
    expect(overflow).toBe('9223372036854775807 is no duration in units of 1ms')
    expect(rest).toEqual(['<nil> [1ms 1.5s]', ''])
  },
)
