import { expect, test } from 'vitest'
import { compileTree } from './compiler.js'
import { runConfigTests } from './config-tests.js'
import { formatDiagnostic, tree } from './testing/tree.js'

const files = {
  'push/room.yaml': 'max: 1000\nredis: {addr: a, port: 1}\n',
  'push/room@zone=bj.yaml': 'max: 3000\n',
  'push/room.schema.json': JSON.stringify({
    properties: { max: { type: 'integer', maximum: 5000 }, timeout: { type: 'number', unit: 'ms', default: '3s' } },
  }),
}

/** What the tests in `text` say of the files above: the figures, then a line for each failure. */
function run(text: string): string[] {
  const source = tree(files)
  const tests = tree({ '_keeper/tests/room.yaml': text }).files
  const report = runConfigTests(tests, source, compileTree(source))
  return [`${report.run} run, ${report.failed} failed`, ...report.diagnostics.map(formatDiagnostic)]
}

test('processes get what the tests say: by pointer, whole, from overlays and defaults', () => {
  expect(
    run(`
- name: beijing is larger
  config: push/room
  as: {cluster: push, role: room, zone: bj}
  expect: {/max: 3000, /redis/addr: a, /timeout: 3000}
- config: push/room
  as: {cluster: push, role: room}
  expect: {max: 1000, redis: {addr: a, port: 1}, timeout: 3000}
- config: push/room
  as: {cluster: push, role: register}
  expectError: E_NOT_IN_AUDIENCE
- config: push/rom
  as: {}
  expectError: E_NOT_FOUND
- config: push/room
  as: {cluster: push, role: room}
  set: {max: 9000}
  expectError: {rule: schema/maximum, pointer: /max}
- config: push/room
  as: {cluster: push, role: room}
  set: {timeout: 5s}
  expect: {/timeout: 5000}
`),
  ).toEqual(['6 run, 0 failed'])
})

test('what is otherwise is told at its place in the test', () => {
  expect(
    run(`- name: beijing
  config: push/room
  as: {cluster: push, role: room, zone: bj}
  expect:
    /max: 1000
    /gone: 1
- config: push/room
  as: {cluster: push, role: room}
  expect: {max: 1000, redis: {addr: b, port: 1}}
- config: push/room
  as: {cluster: push}
  expect: {/max: 1}
- config: push/room
  as: {cluster: push, role: room}
  expectError: E_NOT_IN_AUDIENCE
- config: push/room
  as: {cluster: push, role: room}
  set: {max: x}
  expectError: {rule: schema/maximum}
`),
  ).toEqual([
    '5 run, 5 failed',
    'error _keeper/tests/room.yaml:5:11 /0/expect/~1max: push/room, beijing: /max: expected 1000, got 3000',
    'error _keeper/tests/room.yaml:6:12 /0/expect/~1gone: push/room, beijing: /gone: expected 1, got nothing',
    'error _keeper/tests/room.yaml:9:37 /1/expect/redis/addr: push/room: /redis/addr: expected "b", got "a"',
    'error _keeper/tests/room.yaml:9:11 /1/expect: push/room: /timeout: expected nothing, got 3000',
    'error _keeper/tests/room.yaml:12:11 /2/expect: push/room: expected a value, got E_NOT_IN_AUDIENCE',
    'error _keeper/tests/room.yaml:15:16 /3/expectError: push/room: expected the error E_NOT_IN_AUDIENCE, got a value',
    'error _keeper/tests/room.yaml:19:16 /4/expectError: push/room: expected the error schema/maximum, got schema/type at /max',
  ])
})

test('a file that is no list of tests is an error with its place', () => {
  expect(run('- config: push/room\n  az: {}\n')).toEqual([
    '0 run, 0 failed',
    expect.stringMatching(/^error _keeper\/tests\/room\.yaml:1:3 .*as/),
    expect.stringMatching(/^error _keeper\/tests\/room\.yaml:2:3 .*az/),
  ])
  expect(run('- config: a/b\n  as: {}\n')).toEqual([
    '1 run, 1 failed',
    'error _keeper/tests/room.yaml:1:3 /0: a test has expect, or expectError, and not both',
  ])
  expect(run('a: [')[1]).toMatch(/^error _keeper\/tests\/room\.yaml:1:\d/)
})
