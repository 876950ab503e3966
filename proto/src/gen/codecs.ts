// Generated from the .proto files by `npm run generate`.
import type { Ack, Ack__Output, AckBatch, AckBatch__Output, ClientFrame, ClientFrame__Output, Command, Command__Output, CommandAck, CommandAck__Output, CommandAckBatch, CommandAckBatch__Output, CommandBatch, CommandBatch__Output, Compare, Compare__Output, ConfigChange, ConfigChange__Output, DeleteRequest, DeleteRequest__Output, DeleteResult, DeleteResult__Output, Discover, Discover__Output, Goodbye, Goodbye__Output, Heartbeat, Heartbeat__Output, HeartbeatReply, HeartbeatReply__Output, HeldConfig, HeldConfig__Output, Hello, Hello__Output, KeyValue, KeyValue__Output, LeaseGrantRequest, LeaseGrantRequest__Output, LeaseGrantResponse, LeaseGrantResponse__Output, LeaseKeepAliveRequest, LeaseKeepAliveRequest__Output, LeaseKeepAliveResponse, LeaseKeepAliveResponse__Output, LeaseRevokeRequest, LeaseRevokeRequest__Output, LeaseRevokeResponse, LeaseRevokeResponse__Output, Leave, Leave__Output, Operation, Operation__Output, OperationResult, OperationResult__Output, Presence, Presence__Output, ProcessIdentity, ProcessIdentity__Output, Push, Push__Output, PushChunk, PushChunk__Output, PutRequest, PutRequest__Output, PutResult, PutResult__Output, RangeRequest, RangeRequest__Output, RangeResponse, RangeResponse__Output, Reply, Reply__Output, ReplyBatch, ReplyBatch__Output, Request, Request__Output, RequestBatch, RequestBatch__Output, ServerFrame, ServerFrame__Output, Status, Status__Output, Subscribe, Subscribe__Output, SubscribeFailure, SubscribeFailure__Output, SubscribeResult, SubscribeResult__Output, TelemetryBatch, TelemetryBatch__Output, TxnRequest, TxnRequest__Output, TxnResponse, TxnResponse__Output, Welcome, Welcome__Output } from './messages.js'
import { decode, encode, type Mutable, noBytes, readEntry } from '../wire-codec.js'
import type { WireReader } from '../wire-reader.js'
import type { WireWriter } from '../wire-writer.js'

const AckStateNumbers: Record<string, number> = { ACK_STATE_UNSPECIFIED: 0, ACK_STATE_RECEIVED: 1, ACK_STATE_APPLIED: 2, ACK_STATE_REJECTED: 3, ACK_STATE_FAILED: 4 }
const AckStateNames: Record<number, string> = { 0: 'ACK_STATE_UNSPECIFIED', 1: 'ACK_STATE_RECEIVED', 2: 'ACK_STATE_APPLIED', 3: 'ACK_STATE_REJECTED', 4: 'ACK_STATE_FAILED' }
const AckStateOf = (number: number): string | number => AckStateNames[number] ?? number

const Compare_TargetNumbers: Record<string, number> = { VERSION: 0, CREATE: 1, MOD: 2, VALUE: 3, LEASE: 4 }
const Compare_TargetNames: Record<number, string> = { 0: 'VERSION', 1: 'CREATE', 2: 'MOD', 3: 'VALUE', 4: 'LEASE' }
const Compare_TargetOf = (number: number): string | number => Compare_TargetNames[number] ?? number

const Compare_ComparisonNumbers: Record<string, number> = { EQUAL: 0, GREATER: 1, LESS: 2, NOT_EQUAL: 3 }
const Compare_ComparisonNames: Record<number, string> = { 0: 'EQUAL', 1: 'GREATER', 2: 'LESS', 3: 'NOT_EQUAL' }
const Compare_ComparisonOf = (number: number): string | number => Compare_ComparisonNames[number] ?? number

function writeAck(writer: WireWriter, message: Ack): void {
  if (message.configs) for (let at = message.configs.length - 1; at >= 0; at--) {
    const item = message.configs[at] as NonNullable<(typeof message.configs)[number]>
    const before = writer.size
    writeHeldConfig(writer, item)
    writer.varint(writer.size - before)
    writer.byte(50)
  }
  if (message.atUnixMs != null && writer.uint64(message.atUnixMs)) writer.byte(40)
  if (message.reason?.length) {
    writer.string(message.reason)
    writer.byte(34)
  }
  if (message.state != null) {
    const number = typeof message.state === 'number' ? message.state : (AckStateNumbers[message.state] ?? 0)
    if (number !== 0) {
      writer.varint(number)
      writer.byte(24)
    }
  }
  if (message.revision != null && writer.uint64(message.revision)) writer.byte(16)
  if (message.storeEpoch != null && writer.uint64(message.storeEpoch)) writer.byte(8)
}

function readAck(reader: WireReader, end: number): Ack__Output {
  let storeEpoch = '0'
  let revision = '0'
  let state: Ack__Output['state'] | undefined = 'ACK_STATE_UNSPECIFIED'
  let reason = ''
  let atUnixMs = '0'
  const configs: Mutable<Ack__Output['configs']> = []
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 8: storeEpoch = reader.uint64(); break
      case 16: revision = reader.uint64(); break
      case 24: state = AckStateOf(reader.varint()) as Ack__Output['state']; break
      case 34: reason = reader.string(); break
      case 40: atUnixMs = reader.uint64(); break
      case 50: configs.push(readHeldConfig(reader, reader.inner(end))); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { storeEpoch, revision, state, reason, atUnixMs, configs } as Ack__Output
}

function writeAckBatch(writer: WireWriter, message: AckBatch): void {
  if (message.acks) for (let at = message.acks.length - 1; at >= 0; at--) {
    const item = message.acks[at] as NonNullable<(typeof message.acks)[number]>
    const before = writer.size
    writeAck(writer, item)
    writer.varint(writer.size - before)
    writer.byte(10)
  }
}

function readAckBatch(reader: WireReader, end: number): AckBatch__Output {
  const acks: Mutable<AckBatch__Output['acks']> = []
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: acks.push(readAck(reader, reader.inner(end))); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { acks } as AckBatch__Output
}

function writeClientFrame(writer: WireWriter, message: ClientFrame): void {
  if (message.discover != null) {
    const before = writer.size
    writeDiscover(writer, message.discover)
    writer.varint(writer.size - before)
    writer.byte(74)
  }
  if (message.telemetry != null) {
    const before = writer.size
    writeTelemetryBatch(writer, message.telemetry)
    writer.varint(writer.size - before)
    writer.byte(66)
  }
  if (message.commandAcks != null) {
    const before = writer.size
    writeCommandAckBatch(writer, message.commandAcks)
    writer.varint(writer.size - before)
    writer.byte(58)
  }
  if (message.leave != null) {
    const before = writer.size
    writeLeave(writer, message.leave)
    writer.varint(writer.size - before)
    writer.byte(50)
  }
  if (message.requests != null) {
    const before = writer.size
    writeRequestBatch(writer, message.requests)
    writer.varint(writer.size - before)
    writer.byte(42)
  }
  if (message.heartbeat != null) {
    const before = writer.size
    writeHeartbeat(writer, message.heartbeat)
    writer.varint(writer.size - before)
    writer.byte(34)
  }
  if (message.acks != null) {
    const before = writer.size
    writeAckBatch(writer, message.acks)
    writer.varint(writer.size - before)
    writer.byte(26)
  }
  if (message.subscribe != null) {
    const before = writer.size
    writeSubscribe(writer, message.subscribe)
    writer.varint(writer.size - before)
    writer.byte(18)
  }
  if (message.hello != null) {
    const before = writer.size
    writeHello(writer, message.hello)
    writer.varint(writer.size - before)
    writer.byte(10)
  }
}

function readClientFrame(reader: WireReader, end: number): ClientFrame__Output {
  let hello: ClientFrame__Output['hello'] | undefined = undefined
  let subscribe: ClientFrame__Output['subscribe'] | undefined = undefined
  let acks: ClientFrame__Output['acks'] | undefined = undefined
  let heartbeat: ClientFrame__Output['heartbeat'] | undefined = undefined
  let requests: ClientFrame__Output['requests'] | undefined = undefined
  let leave: ClientFrame__Output['leave'] | undefined = undefined
  let commandAcks: ClientFrame__Output['commandAcks'] | undefined = undefined
  let telemetry: ClientFrame__Output['telemetry'] | undefined = undefined
  let discover: ClientFrame__Output['discover'] | undefined = undefined
  let kind: ClientFrame__Output['kind'] | undefined
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: hello = readHello(reader, reader.inner(end)) as ClientFrame__Output['hello']; kind = 'hello'; break
      case 18: subscribe = readSubscribe(reader, reader.inner(end)) as ClientFrame__Output['subscribe']; kind = 'subscribe'; break
      case 26: acks = readAckBatch(reader, reader.inner(end)) as ClientFrame__Output['acks']; kind = 'acks'; break
      case 34: heartbeat = readHeartbeat(reader, reader.inner(end)) as ClientFrame__Output['heartbeat']; kind = 'heartbeat'; break
      case 42: requests = readRequestBatch(reader, reader.inner(end)) as ClientFrame__Output['requests']; kind = 'requests'; break
      case 50: leave = readLeave(reader, reader.inner(end)) as ClientFrame__Output['leave']; kind = 'leave'; break
      case 58: commandAcks = readCommandAckBatch(reader, reader.inner(end)) as ClientFrame__Output['commandAcks']; kind = 'commandAcks'; break
      case 66: telemetry = readTelemetryBatch(reader, reader.inner(end)) as ClientFrame__Output['telemetry']; kind = 'telemetry'; break
      case 74: discover = readDiscover(reader, reader.inner(end)) as ClientFrame__Output['discover']; kind = 'discover'; break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { hello, subscribe, acks, heartbeat, requests, leave, commandAcks, telemetry, discover, kind } as ClientFrame__Output
}

function writeCommand(writer: WireWriter, message: Command): void {
  if (message.deadlineUnixMs != null && writer.uint64(message.deadlineUnixMs)) writer.byte(32)
  if (message.payload?.length) {
    writer.bytes(message.payload)
    writer.byte(26)
  }
  if (message.kind?.length) {
    writer.string(message.kind)
    writer.byte(18)
  }
  if (message.id?.length) {
    writer.string(message.id)
    writer.byte(10)
  }
}

function readCommand(reader: WireReader, end: number): Command__Output {
  let id = ''
  let kind = ''
  let payload: Buffer = noBytes
  let deadlineUnixMs = '0'
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: id = reader.string(); break
      case 18: kind = reader.string(); break
      case 26: payload = reader.bytes(); break
      case 32: deadlineUnixMs = reader.uint64(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { id, kind, payload, deadlineUnixMs } as Command__Output
}

function writeCommandAck(writer: WireWriter, message: CommandAck): void {
  if (message.result?.length) {
    writer.bytes(message.result)
    writer.byte(34)
  }
  if (message.reason?.length) {
    writer.string(message.reason)
    writer.byte(26)
  }
  if (message.state != null) {
    const number = typeof message.state === 'number' ? message.state : (AckStateNumbers[message.state] ?? 0)
    if (number !== 0) {
      writer.varint(number)
      writer.byte(16)
    }
  }
  if (message.id?.length) {
    writer.string(message.id)
    writer.byte(10)
  }
}

function readCommandAck(reader: WireReader, end: number): CommandAck__Output {
  let id = ''
  let state: CommandAck__Output['state'] | undefined = 'ACK_STATE_UNSPECIFIED'
  let reason = ''
  let result: Buffer = noBytes
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: id = reader.string(); break
      case 16: state = AckStateOf(reader.varint()) as CommandAck__Output['state']; break
      case 26: reason = reader.string(); break
      case 34: result = reader.bytes(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { id, state, reason, result } as CommandAck__Output
}

function writeCommandAckBatch(writer: WireWriter, message: CommandAckBatch): void {
  if (message.acks) for (let at = message.acks.length - 1; at >= 0; at--) {
    const item = message.acks[at] as NonNullable<(typeof message.acks)[number]>
    const before = writer.size
    writeCommandAck(writer, item)
    writer.varint(writer.size - before)
    writer.byte(10)
  }
}

function readCommandAckBatch(reader: WireReader, end: number): CommandAckBatch__Output {
  const acks: Mutable<CommandAckBatch__Output['acks']> = []
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: acks.push(readCommandAck(reader, reader.inner(end))); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { acks } as CommandAckBatch__Output
}

function writeCommandBatch(writer: WireWriter, message: CommandBatch): void {
  if (message.commands) for (let at = message.commands.length - 1; at >= 0; at--) {
    const item = message.commands[at] as NonNullable<(typeof message.commands)[number]>
    const before = writer.size
    writeCommand(writer, item)
    writer.varint(writer.size - before)
    writer.byte(10)
  }
}

function readCommandBatch(reader: WireReader, end: number): CommandBatch__Output {
  const commands: Mutable<CommandBatch__Output['commands']> = []
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: commands.push(readCommand(reader, reader.inner(end))); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { commands } as CommandBatch__Output
}

function writeCompare(writer: WireWriter, message: Compare): void {
  if (message.lease != null && writer.fixed64(message.lease)) writer.byte(49)
  if (message.value?.length) {
    writer.bytes(message.value)
    writer.byte(42)
  }
  if (message.number != null && writer.uint64(message.number)) writer.byte(32)
  if (message.comparison != null) {
    const number = typeof message.comparison === 'number' ? message.comparison : (Compare_ComparisonNumbers[message.comparison] ?? 0)
    if (number !== 0) {
      writer.varint(number)
      writer.byte(24)
    }
  }
  if (message.target != null) {
    const number = typeof message.target === 'number' ? message.target : (Compare_TargetNumbers[message.target] ?? 0)
    if (number !== 0) {
      writer.varint(number)
      writer.byte(16)
    }
  }
  if (message.key?.length) {
    writer.bytes(message.key)
    writer.byte(10)
  }
}

function readCompare(reader: WireReader, end: number): Compare__Output {
  let key: Buffer = noBytes
  let target: Compare__Output['target'] | undefined = 'VERSION'
  let comparison: Compare__Output['comparison'] | undefined = 'EQUAL'
  let number = '0'
  let value: Buffer = noBytes
  let lease = '0'
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: key = reader.bytes(); break
      case 16: target = Compare_TargetOf(reader.varint()) as Compare__Output['target']; break
      case 24: comparison = Compare_ComparisonOf(reader.varint()) as Compare__Output['comparison']; break
      case 32: number = reader.uint64(); break
      case 42: value = reader.bytes(); break
      case 49: lease = reader.sfixed64(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { key, target, comparison, number, value, lease } as Compare__Output
}

function writeConfigChange(writer: WireWriter, message: ConfigChange): void {
  if (message.check?.length) {
    writer.bytes(message.check)
    writer.byte(82)
  }
  if (message.delta?.length) {
    writer.bytes(message.delta)
    writer.byte(74)
  }
  if (message.baseHash?.length) {
    writer.string(message.baseHash)
    writer.byte(66)
  }
  if (message.secret) {
    writer.byte(1)
    writer.byte(56)
  }
  if (message.committedUnixMs != null && writer.uint64(message.committedUnixMs)) writer.byte(48)
  if (message.removed) {
    writer.byte(1)
    writer.byte(40)
  }
  if (message.value?.length) {
    writer.bytes(message.value)
    writer.byte(34)
  }
  if (message.hash?.length) {
    writer.string(message.hash)
    writer.byte(26)
  }
  if (message.revision != null && writer.uint64(message.revision)) writer.byte(16)
  if (message.name?.length) {
    writer.string(message.name)
    writer.byte(10)
  }
}

function readConfigChange(reader: WireReader, end: number): ConfigChange__Output {
  let name = ''
  let revision = '0'
  let hash = ''
  let value: Buffer = noBytes
  let removed = false
  let committedUnixMs = '0'
  let secret = false
  let baseHash = ''
  let delta: Buffer = noBytes
  let check: Buffer = noBytes
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: name = reader.string(); break
      case 16: revision = reader.uint64(); break
      case 26: hash = reader.string(); break
      case 34: value = reader.bytes(); break
      case 40: removed = reader.boolean(); break
      case 48: committedUnixMs = reader.uint64(); break
      case 56: secret = reader.boolean(); break
      case 66: baseHash = reader.string(); break
      case 74: delta = reader.bytes(); break
      case 82: check = reader.bytes(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { name, revision, hash, value, removed, committedUnixMs, secret, baseHash, delta, check } as ConfigChange__Output
}

function writeDeleteRequest(writer: WireWriter, message: DeleteRequest): void {
  if (message.prevKv) {
    writer.byte(1)
    writer.byte(24)
  }
  if (message.rangeEnd?.length) {
    writer.bytes(message.rangeEnd)
    writer.byte(18)
  }
  if (message.key?.length) {
    writer.bytes(message.key)
    writer.byte(10)
  }
}

function readDeleteRequest(reader: WireReader, end: number): DeleteRequest__Output {
  let key: Buffer = noBytes
  let rangeEnd: Buffer = noBytes
  let prevKv = false
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: key = reader.bytes(); break
      case 18: rangeEnd = reader.bytes(); break
      case 24: prevKv = reader.boolean(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { key, rangeEnd, prevKv } as DeleteRequest__Output
}

function writeDeleteResult(writer: WireWriter, message: DeleteResult): void {
  if (message.prevKvs) for (let at = message.prevKvs.length - 1; at >= 0; at--) {
    const item = message.prevKvs[at] as NonNullable<(typeof message.prevKvs)[number]>
    const before = writer.size
    writeKeyValue(writer, item)
    writer.varint(writer.size - before)
    writer.byte(18)
  }
  if (message.deleted != null && writer.uint64(message.deleted)) writer.byte(8)
}

function readDeleteResult(reader: WireReader, end: number): DeleteResult__Output {
  let deleted = '0'
  const prevKvs: Mutable<DeleteResult__Output['prevKvs']> = []
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 8: deleted = reader.uint64(); break
      case 18: prevKvs.push(readKeyValue(reader, reader.inner(end))); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { deleted, prevKvs } as DeleteResult__Output
}

function writeDiscover(writer: WireWriter, message: Discover): void {
  if (message.options?.length) {
    writer.bytes(message.options)
    writer.byte(34)
  }
  if (message.strategy?.length) {
    writer.string(message.strategy)
    writer.byte(26)
  }
  if (message.role?.length) {
    writer.string(message.role)
    writer.byte(18)
  }
  if (message.id != null && writer.uint64(message.id)) writer.byte(8)
}

function readDiscover(reader: WireReader, end: number): Discover__Output {
  let id = '0'
  let role = ''
  let strategy = ''
  let options: Buffer = noBytes
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 8: id = reader.uint64(); break
      case 18: role = reader.string(); break
      case 26: strategy = reader.string(); break
      case 34: options = reader.bytes(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { id, role, strategy, options } as Discover__Output
}

function writeGoodbye(writer: WireWriter, message: Goodbye): void {
  if (message.endpoints) for (let at = message.endpoints.length - 1; at >= 0; at--) {
    const item = message.endpoints[at] as NonNullable<(typeof message.endpoints)[number]>
    writer.string(item)
    writer.byte(26)
  }
  if (message.reconnectAfterMs) {
    writer.varint(message.reconnectAfterMs >>> 0)
    writer.byte(16)
  }
  if (message.status != null) {
    const before = writer.size
    writeStatus(writer, message.status)
    writer.varint(writer.size - before)
    writer.byte(10)
  }
}

function readGoodbye(reader: WireReader, end: number): Goodbye__Output {
  let status: Goodbye__Output['status'] | undefined = null
  let reconnectAfterMs = 0
  const endpoints: Mutable<Goodbye__Output['endpoints']> = []
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: status = readStatus(reader, reader.inner(end)) as Goodbye__Output['status']; break
      case 16: reconnectAfterMs = reader.varint(); break
      case 26: endpoints.push(reader.string()); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { status, reconnectAfterMs, endpoints } as Goodbye__Output
}

function writeHeartbeat(writer: WireWriter, message: Heartbeat): void {
  if (message.eventLoopLagMs) {
    writer.varint(message.eventLoopLagMs >>> 0)
    writer.byte(16)
  }
  if (message.sequence != null && writer.uint64(message.sequence)) writer.byte(8)
}

function readHeartbeat(reader: WireReader, end: number): Heartbeat__Output {
  let sequence = '0'
  let eventLoopLagMs = 0
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 8: sequence = reader.uint64(); break
      case 16: eventLoopLagMs = reader.varint(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { sequence, eventLoopLagMs } as Heartbeat__Output
}

function writeHeartbeatReply(writer: WireWriter, message: HeartbeatReply): void {
  if (message.beaconMs) {
    writer.varint(message.beaconMs >>> 0)
    writer.byte(48)
  }
  if (message.leaderlessMs) {
    writer.varint(message.leaderlessMs >>> 0)
    writer.byte(40)
  }
  if (message.reconnectDelayMs) {
    writer.varint(message.reconnectDelayMs >>> 0)
    writer.byte(32)
  }
  if (message.heartbeatIntervalMs) {
    writer.varint(message.heartbeatIntervalMs >>> 0)
    writer.byte(24)
  }
  if (message.ttlMs) {
    writer.varint(message.ttlMs >>> 0)
    writer.byte(16)
  }
  if (message.sequence != null && writer.uint64(message.sequence)) writer.byte(8)
}

function readHeartbeatReply(reader: WireReader, end: number): HeartbeatReply__Output {
  let sequence = '0'
  let ttlMs = 0
  let heartbeatIntervalMs = 0
  let reconnectDelayMs = 0
  let leaderlessMs = 0
  let beaconMs = 0
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 8: sequence = reader.uint64(); break
      case 16: ttlMs = reader.varint(); break
      case 24: heartbeatIntervalMs = reader.varint(); break
      case 32: reconnectDelayMs = reader.varint(); break
      case 40: leaderlessMs = reader.varint(); break
      case 48: beaconMs = reader.varint(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { sequence, ttlMs, heartbeatIntervalMs, reconnectDelayMs, leaderlessMs, beaconMs } as HeartbeatReply__Output
}

function writeHeldConfig(writer: WireWriter, message: HeldConfig): void {
  if (message.atUnixMs != null && writer.uint64(message.atUnixMs)) writer.byte(56)
  if (message.reason?.length) {
    writer.string(message.reason)
    writer.byte(50)
  }
  if (message.state != null) {
    const number = typeof message.state === 'number' ? message.state : (AckStateNumbers[message.state] ?? 0)
    if (number !== 0) {
      writer.varint(number)
      writer.byte(40)
    }
  }
  if (message.hash?.length) {
    writer.string(message.hash)
    writer.byte(34)
  }
  if (message.revision != null && writer.uint64(message.revision)) writer.byte(24)
  if (message.storeEpoch != null && writer.uint64(message.storeEpoch)) writer.byte(16)
  if (message.name?.length) {
    writer.string(message.name)
    writer.byte(10)
  }
}

function readHeldConfig(reader: WireReader, end: number): HeldConfig__Output {
  let name = ''
  let storeEpoch = '0'
  let revision = '0'
  let hash = ''
  let state: HeldConfig__Output['state'] | undefined = 'ACK_STATE_UNSPECIFIED'
  let reason = ''
  let atUnixMs = '0'
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: name = reader.string(); break
      case 16: storeEpoch = reader.uint64(); break
      case 24: revision = reader.uint64(); break
      case 34: hash = reader.string(); break
      case 40: state = AckStateOf(reader.varint()) as HeldConfig__Output['state']; break
      case 50: reason = reader.string(); break
      case 56: atUnixMs = reader.uint64(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { name, storeEpoch, revision, hash, state, reason, atUnixMs } as HeldConfig__Output
}

function writeHello(writer: WireWriter, message: Hello): void {
  if (message.attempt != null && writer.uint64(message.attempt)) writer.byte(96)
  if (message.requestedTtlMs) {
    writer.varint(message.requestedTtlMs >>> 0)
    writer.byte(88)
  }
  if (message.namespace?.length) {
    writer.string(message.namespace)
    writer.byte(82)
  }
  if (message.clusterId?.length) {
    writer.string(message.clusterId)
    writer.byte(74)
  }
  if (message.held) for (let at = message.held.length - 1; at >= 0; at--) {
    const item = message.held[at] as NonNullable<(typeof message.held)[number]>
    const before = writer.size
    writeHeldConfig(writer, item)
    writer.varint(writer.size - before)
    writer.byte(66)
  }
  if (message.subscriptions) for (let at = message.subscriptions.length - 1; at >= 0; at--) {
    const item = message.subscriptions[at] as NonNullable<(typeof message.subscriptions)[number]>
    writer.string(item)
    writer.byte(58)
  }
  if (message.sessionSecret?.length) {
    writer.bytes(message.sessionSecret)
    writer.byte(50)
  }
  if (message.sessionId != null && writer.fixed64(message.sessionId)) writer.byte(41)
  if (message.identity != null) {
    const before = writer.size
    writeProcessIdentity(writer, message.identity)
    writer.varint(writer.size - before)
    writer.byte(34)
  }
  if (message.sdk?.length) {
    writer.string(message.sdk)
    writer.byte(26)
  }
  if (message.features != null && writer.uint64(message.features)) writer.byte(16)
  if (message.protocol) {
    writer.varint(message.protocol >>> 0)
    writer.byte(8)
  }
}

function readHello(reader: WireReader, end: number): Hello__Output {
  let protocol = 0
  let features = '0'
  let sdk = ''
  let identity: Hello__Output['identity'] | undefined = null
  let sessionId = '0'
  let sessionSecret: Buffer = noBytes
  const subscriptions: Mutable<Hello__Output['subscriptions']> = []
  const held: Mutable<Hello__Output['held']> = []
  let clusterId = ''
  let namespace = ''
  let requestedTtlMs = 0
  let attempt = '0'
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 8: protocol = reader.varint(); break
      case 16: features = reader.uint64(); break
      case 26: sdk = reader.string(); break
      case 34: identity = readProcessIdentity(reader, reader.inner(end)) as Hello__Output['identity']; break
      case 41: sessionId = reader.fixed64(); break
      case 50: sessionSecret = reader.bytes(); break
      case 58: subscriptions.push(reader.string()); break
      case 66: held.push(readHeldConfig(reader, reader.inner(end))); break
      case 74: clusterId = reader.string(); break
      case 82: namespace = reader.string(); break
      case 88: requestedTtlMs = reader.varint(); break
      case 96: attempt = reader.uint64(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { protocol, features, sdk, identity, sessionId, sessionSecret, subscriptions, held, clusterId, namespace, requestedTtlMs, attempt } as Hello__Output
}

function writeKeyValue(writer: WireWriter, message: KeyValue): void {
  if (message.lease != null && writer.fixed64(message.lease)) writer.byte(49)
  if (message.value?.length) {
    writer.bytes(message.value)
    writer.byte(42)
  }
  if (message.version != null && writer.uint64(message.version)) writer.byte(32)
  if (message.modRevision != null && writer.uint64(message.modRevision)) writer.byte(24)
  if (message.createRevision != null && writer.uint64(message.createRevision)) writer.byte(16)
  if (message.key?.length) {
    writer.bytes(message.key)
    writer.byte(10)
  }
}

function readKeyValue(reader: WireReader, end: number): KeyValue__Output {
  let key: Buffer = noBytes
  let createRevision = '0'
  let modRevision = '0'
  let version = '0'
  let value: Buffer = noBytes
  let lease = '0'
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: key = reader.bytes(); break
      case 16: createRevision = reader.uint64(); break
      case 24: modRevision = reader.uint64(); break
      case 32: version = reader.uint64(); break
      case 42: value = reader.bytes(); break
      case 49: lease = reader.sfixed64(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { key, createRevision, modRevision, version, value, lease } as KeyValue__Output
}

function writeLeaseGrantRequest(writer: WireWriter, message: LeaseGrantRequest): void {
  if (message.ttlSeconds) {
    writer.varint(message.ttlSeconds >>> 0)
    writer.byte(16)
  }
  if (message.id != null && writer.fixed64(message.id)) writer.byte(9)
}

function readLeaseGrantRequest(reader: WireReader, end: number): LeaseGrantRequest__Output {
  let id = '0'
  let ttlSeconds = 0
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 9: id = reader.sfixed64(); break
      case 16: ttlSeconds = reader.varint(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { id, ttlSeconds } as LeaseGrantRequest__Output
}

function writeLeaseGrantResponse(writer: WireWriter, message: LeaseGrantResponse): void {
  if (message.ttlSeconds) {
    writer.varint(message.ttlSeconds >>> 0)
    writer.byte(16)
  }
  if (message.id != null && writer.fixed64(message.id)) writer.byte(9)
}

function readLeaseGrantResponse(reader: WireReader, end: number): LeaseGrantResponse__Output {
  let id = '0'
  let ttlSeconds = 0
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 9: id = reader.sfixed64(); break
      case 16: ttlSeconds = reader.varint(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { id, ttlSeconds } as LeaseGrantResponse__Output
}

function writeLeaseKeepAliveRequest(writer: WireWriter, message: LeaseKeepAliveRequest): void {
  if (message.id != null && writer.fixed64(message.id)) writer.byte(9)
}

function readLeaseKeepAliveRequest(reader: WireReader, end: number): LeaseKeepAliveRequest__Output {
  let id = '0'
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 9: id = reader.sfixed64(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { id } as LeaseKeepAliveRequest__Output
}

function writeLeaseKeepAliveResponse(writer: WireWriter, message: LeaseKeepAliveResponse): void {
  if (message.ttlSeconds) {
    writer.varint(message.ttlSeconds >>> 0)
    writer.byte(16)
  }
  if (message.id != null && writer.fixed64(message.id)) writer.byte(9)
}

function readLeaseKeepAliveResponse(reader: WireReader, end: number): LeaseKeepAliveResponse__Output {
  let id = '0'
  let ttlSeconds = 0
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 9: id = reader.sfixed64(); break
      case 16: ttlSeconds = reader.varint(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { id, ttlSeconds } as LeaseKeepAliveResponse__Output
}

function writeLeaseRevokeRequest(writer: WireWriter, message: LeaseRevokeRequest): void {
  if (message.id != null && writer.fixed64(message.id)) writer.byte(9)
}

function readLeaseRevokeRequest(reader: WireReader, end: number): LeaseRevokeRequest__Output {
  let id = '0'
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 9: id = reader.sfixed64(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { id } as LeaseRevokeRequest__Output
}

function writeLeaseRevokeResponse(_writer: WireWriter, _message: LeaseRevokeResponse): void {

}

function readLeaseRevokeResponse(reader: WireReader, end: number): LeaseRevokeResponse__Output {

  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {

      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return {  } as LeaseRevokeResponse__Output
}

function writeLeave(writer: WireWriter, message: Leave): void {
  if (message.reason?.length) {
    writer.string(message.reason)
    writer.byte(10)
  }
}

function readLeave(reader: WireReader, end: number): Leave__Output {
  let reason = ''
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: reason = reader.string(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { reason } as Leave__Output
}

function writeOperation(writer: WireWriter, message: Operation): void {
  if (message.range != null) {
    const before = writer.size
    writeRangeRequest(writer, message.range)
    writer.varint(writer.size - before)
    writer.byte(26)
  }
  if (message.delete != null) {
    const before = writer.size
    writeDeleteRequest(writer, message.delete)
    writer.varint(writer.size - before)
    writer.byte(18)
  }
  if (message.put != null) {
    const before = writer.size
    writePutRequest(writer, message.put)
    writer.varint(writer.size - before)
    writer.byte(10)
  }
}

function readOperation(reader: WireReader, end: number): Operation__Output {
  let put: Operation__Output['put'] | undefined = undefined
  let delete_: Operation__Output['delete'] | undefined = undefined
  let range: Operation__Output['range'] | undefined = undefined
  let body: Operation__Output['body'] | undefined
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: put = readPutRequest(reader, reader.inner(end)) as Operation__Output['put']; body = 'put'; break
      case 18: delete_ = readDeleteRequest(reader, reader.inner(end)) as Operation__Output['delete']; body = 'delete'; break
      case 26: range = readRangeRequest(reader, reader.inner(end)) as Operation__Output['range']; body = 'range'; break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { put, delete: delete_, range, body } as Operation__Output
}

function writeOperationResult(writer: WireWriter, message: OperationResult): void {
  if (message.range != null) {
    const before = writer.size
    writeRangeResponse(writer, message.range)
    writer.varint(writer.size - before)
    writer.byte(26)
  }
  if (message.delete != null) {
    const before = writer.size
    writeDeleteResult(writer, message.delete)
    writer.varint(writer.size - before)
    writer.byte(18)
  }
  if (message.put != null) {
    const before = writer.size
    writePutResult(writer, message.put)
    writer.varint(writer.size - before)
    writer.byte(10)
  }
}

function readOperationResult(reader: WireReader, end: number): OperationResult__Output {
  let put: OperationResult__Output['put'] | undefined = undefined
  let delete_: OperationResult__Output['delete'] | undefined = undefined
  let range: OperationResult__Output['range'] | undefined = undefined
  let body: OperationResult__Output['body'] | undefined
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: put = readPutResult(reader, reader.inner(end)) as OperationResult__Output['put']; body = 'put'; break
      case 18: delete_ = readDeleteResult(reader, reader.inner(end)) as OperationResult__Output['delete']; body = 'delete'; break
      case 26: range = readRangeResponse(reader, reader.inner(end)) as OperationResult__Output['range']; body = 'range'; break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { put, delete: delete_, range, body } as OperationResult__Output
}

function writePresence(writer: WireWriter, message: Presence): void {
  if (message.delta?.length) {
    writer.bytes(message.delta)
    writer.byte(18)
  }
  if (message.role?.length) {
    writer.string(message.role)
    writer.byte(10)
  }
}

function readPresence(reader: WireReader, end: number): Presence__Output {
  let role = ''
  let delta: Buffer = noBytes
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: role = reader.string(); break
      case 18: delta = reader.bytes(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { role, delta } as Presence__Output
}

function writeProcessIdentity(writer: WireWriter, message: ProcessIdentity): void {
  if (message.pid) {
    writer.varint(message.pid >>> 0)
    writer.byte(64)
  }
  if (message.host?.length) {
    writer.string(message.host)
    writer.byte(58)
  }
  if (message.addresses) for (const [key, item] of Object.entries(message.addresses).reverse()) {
    const before = writer.size
    writer.string(item)
    writer.byte(18)
    writer.string(key)
    writer.byte(10)
    writer.varint(writer.size - before)
    writer.byte(50)
  }
  if (message.labels) for (const [key, item] of Object.entries(message.labels).reverse()) {
    const before = writer.size
    writer.string(item)
    writer.byte(18)
    writer.string(key)
    writer.byte(10)
    writer.varint(writer.size - before)
    writer.byte(42)
  }
  if (message.incarnation?.length) {
    writer.string(message.incarnation)
    writer.byte(34)
  }
  if (message.instance?.length) {
    writer.string(message.instance)
    writer.byte(26)
  }
  if (message.role?.length) {
    writer.string(message.role)
    writer.byte(18)
  }
  if (message.cluster?.length) {
    writer.string(message.cluster)
    writer.byte(10)
  }
}

function readProcessIdentity(reader: WireReader, end: number): ProcessIdentity__Output {
  let cluster = ''
  let role = ''
  let instance = ''
  let incarnation = ''
  const labels: Mutable<ProcessIdentity__Output['labels']> = {}
  const addresses: Mutable<ProcessIdentity__Output['addresses']> = {}
  let host = ''
  let pid = 0
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: cluster = reader.string(); break
      case 18: role = reader.string(); break
      case 26: instance = reader.string(); break
      case 34: incarnation = reader.string(); break
      case 42: readEntry(reader, reader.inner(end), labels); break
      case 50: readEntry(reader, reader.inner(end), addresses); break
      case 58: host = reader.string(); break
      case 64: pid = reader.varint(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { cluster, role, instance, incarnation, labels, addresses, host, pid } as ProcessIdentity__Output
}

function writePush(writer: WireWriter, message: Push): void {
  if (message.changes) for (let at = message.changes.length - 1; at >= 0; at--) {
    const item = message.changes[at] as NonNullable<(typeof message.changes)[number]>
    const before = writer.size
    writeConfigChange(writer, item)
    writer.varint(writer.size - before)
    writer.byte(26)
  }
  if (message.revision != null && writer.uint64(message.revision)) writer.byte(16)
  if (message.storeEpoch != null && writer.uint64(message.storeEpoch)) writer.byte(8)
}

function readPush(reader: WireReader, end: number): Push__Output {
  let storeEpoch = '0'
  let revision = '0'
  const changes: Mutable<Push__Output['changes']> = []
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 8: storeEpoch = reader.uint64(); break
      case 16: revision = reader.uint64(); break
      case 26: changes.push(readConfigChange(reader, reader.inner(end))); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { storeEpoch, revision, changes } as Push__Output
}

function writePushChunk(writer: WireWriter, message: PushChunk): void {
  if (message.bytes?.length) {
    writer.bytes(message.bytes)
    writer.byte(26)
  }
  if (message.offset != null && writer.uint64(message.offset)) writer.byte(16)
  if (message.totalBytes != null && writer.uint64(message.totalBytes)) writer.byte(8)
}

function readPushChunk(reader: WireReader, end: number): PushChunk__Output {
  let totalBytes = '0'
  let offset = '0'
  let bytes: Buffer = noBytes
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 8: totalBytes = reader.uint64(); break
      case 16: offset = reader.uint64(); break
      case 26: bytes = reader.bytes(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { totalBytes, offset, bytes } as PushChunk__Output
}

function writePutRequest(writer: WireWriter, message: PutRequest): void {
  if (message.prevKv) {
    writer.byte(1)
    writer.byte(32)
  }
  if (message.lease != null && writer.fixed64(message.lease)) writer.byte(25)
  if (message.value?.length) {
    writer.bytes(message.value)
    writer.byte(18)
  }
  if (message.key?.length) {
    writer.bytes(message.key)
    writer.byte(10)
  }
}

function readPutRequest(reader: WireReader, end: number): PutRequest__Output {
  let key: Buffer = noBytes
  let value: Buffer = noBytes
  let lease = '0'
  let prevKv = false
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: key = reader.bytes(); break
      case 18: value = reader.bytes(); break
      case 25: lease = reader.sfixed64(); break
      case 32: prevKv = reader.boolean(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { key, value, lease, prevKv } as PutRequest__Output
}

function writePutResult(writer: WireWriter, message: PutResult): void {
  if (message.prevKv != null) {
    const before = writer.size
    writeKeyValue(writer, message.prevKv)
    writer.varint(writer.size - before)
    writer.byte(10)
  }
}

function readPutResult(reader: WireReader, end: number): PutResult__Output {
  let prevKv: PutResult__Output['prevKv'] | undefined = null
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: prevKv = readKeyValue(reader, reader.inner(end)) as PutResult__Output['prevKv']; break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { prevKv } as PutResult__Output
}

function writeRangeRequest(writer: WireWriter, message: RangeRequest): void {
  if (message.serializable) {
    writer.byte(1)
    writer.byte(56)
  }
  if (message.countOnly) {
    writer.byte(1)
    writer.byte(48)
  }
  if (message.keysOnly) {
    writer.byte(1)
    writer.byte(40)
  }
  if (message.revision != null && writer.uint64(message.revision)) writer.byte(32)
  if (message.limit) {
    writer.varint(message.limit >>> 0)
    writer.byte(24)
  }
  if (message.rangeEnd?.length) {
    writer.bytes(message.rangeEnd)
    writer.byte(18)
  }
  if (message.key?.length) {
    writer.bytes(message.key)
    writer.byte(10)
  }
}

function readRangeRequest(reader: WireReader, end: number): RangeRequest__Output {
  let key: Buffer = noBytes
  let rangeEnd: Buffer = noBytes
  let limit = 0
  let revision = '0'
  let keysOnly = false
  let countOnly = false
  let serializable = false
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: key = reader.bytes(); break
      case 18: rangeEnd = reader.bytes(); break
      case 24: limit = reader.varint(); break
      case 32: revision = reader.uint64(); break
      case 40: keysOnly = reader.boolean(); break
      case 48: countOnly = reader.boolean(); break
      case 56: serializable = reader.boolean(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { key, rangeEnd, limit, revision, keysOnly, countOnly, serializable } as RangeRequest__Output
}

function writeRangeResponse(writer: WireWriter, message: RangeResponse): void {
  if (message.revision != null && writer.uint64(message.revision)) writer.byte(32)
  if (message.count != null && writer.uint64(message.count)) writer.byte(24)
  if (message.more) {
    writer.byte(1)
    writer.byte(16)
  }
  if (message.kvs) for (let at = message.kvs.length - 1; at >= 0; at--) {
    const item = message.kvs[at] as NonNullable<(typeof message.kvs)[number]>
    const before = writer.size
    writeKeyValue(writer, item)
    writer.varint(writer.size - before)
    writer.byte(10)
  }
}

function readRangeResponse(reader: WireReader, end: number): RangeResponse__Output {
  const kvs: Mutable<RangeResponse__Output['kvs']> = []
  let more = false
  let count = '0'
  let revision = '0'
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: kvs.push(readKeyValue(reader, reader.inner(end))); break
      case 16: more = reader.boolean(); break
      case 24: count = reader.uint64(); break
      case 32: revision = reader.uint64(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { kvs, more, count, revision } as RangeResponse__Output
}

function writeReply(writer: WireWriter, message: Reply): void {
  if (message.leaseKeepAlive != null) {
    const before = writer.size
    writeLeaseKeepAliveResponse(writer, message.leaseKeepAlive)
    writer.varint(writer.size - before)
    writer.byte(66)
  }
  if (message.leaseRevoke != null) {
    const before = writer.size
    writeLeaseRevokeResponse(writer, message.leaseRevoke)
    writer.varint(writer.size - before)
    writer.byte(58)
  }
  if (message.leaseGrant != null) {
    const before = writer.size
    writeLeaseGrantResponse(writer, message.leaseGrant)
    writer.varint(writer.size - before)
    writer.byte(50)
  }
  if (message.range != null) {
    const before = writer.size
    writeRangeResponse(writer, message.range)
    writer.varint(writer.size - before)
    writer.byte(42)
  }
  if (message.txn != null) {
    const before = writer.size
    writeTxnResponse(writer, message.txn)
    writer.varint(writer.size - before)
    writer.byte(34)
  }
  if (message.revision != null && writer.uint64(message.revision)) writer.byte(24)
  if (message.error != null) {
    const before = writer.size
    writeStatus(writer, message.error)
    writer.varint(writer.size - before)
    writer.byte(18)
  }
  if (message.sequence != null && writer.uint64(message.sequence)) writer.byte(8)
}

function readReply(reader: WireReader, end: number): Reply__Output {
  let sequence = '0'
  let error: Reply__Output['error'] | undefined = null
  let revision = '0'
  let txn: Reply__Output['txn'] | undefined = undefined
  let range: Reply__Output['range'] | undefined = undefined
  let leaseGrant: Reply__Output['leaseGrant'] | undefined = undefined
  let leaseRevoke: Reply__Output['leaseRevoke'] | undefined = undefined
  let leaseKeepAlive: Reply__Output['leaseKeepAlive'] | undefined = undefined
  let body: Reply__Output['body'] | undefined
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 8: sequence = reader.uint64(); break
      case 18: error = readStatus(reader, reader.inner(end)) as Reply__Output['error']; break
      case 24: revision = reader.uint64(); break
      case 34: txn = readTxnResponse(reader, reader.inner(end)) as Reply__Output['txn']; body = 'txn'; break
      case 42: range = readRangeResponse(reader, reader.inner(end)) as Reply__Output['range']; body = 'range'; break
      case 50: leaseGrant = readLeaseGrantResponse(reader, reader.inner(end)) as Reply__Output['leaseGrant']; body = 'leaseGrant'; break
      case 58: leaseRevoke = readLeaseRevokeResponse(reader, reader.inner(end)) as Reply__Output['leaseRevoke']; body = 'leaseRevoke'; break
      case 66: leaseKeepAlive = readLeaseKeepAliveResponse(reader, reader.inner(end)) as Reply__Output['leaseKeepAlive']; body = 'leaseKeepAlive'; break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { sequence, error, revision, txn, range, leaseGrant, leaseRevoke, leaseKeepAlive, body } as Reply__Output
}

function writeReplyBatch(writer: WireWriter, message: ReplyBatch): void {
  if (message.replies) for (let at = message.replies.length - 1; at >= 0; at--) {
    const item = message.replies[at] as NonNullable<(typeof message.replies)[number]>
    const before = writer.size
    writeReply(writer, item)
    writer.varint(writer.size - before)
    writer.byte(10)
  }
}

function readReplyBatch(reader: WireReader, end: number): ReplyBatch__Output {
  const replies: Mutable<ReplyBatch__Output['replies']> = []
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: replies.push(readReply(reader, reader.inner(end))); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { replies } as ReplyBatch__Output
}

function writeRequest(writer: WireWriter, message: Request): void {
  if (message.leaseKeepAlive != null) {
    const before = writer.size
    writeLeaseKeepAliveRequest(writer, message.leaseKeepAlive)
    writer.varint(writer.size - before)
    writer.byte(58)
  }
  if (message.leaseRevoke != null) {
    const before = writer.size
    writeLeaseRevokeRequest(writer, message.leaseRevoke)
    writer.varint(writer.size - before)
    writer.byte(50)
  }
  if (message.leaseGrant != null) {
    const before = writer.size
    writeLeaseGrantRequest(writer, message.leaseGrant)
    writer.varint(writer.size - before)
    writer.byte(42)
  }
  if (message.range != null) {
    const before = writer.size
    writeRangeRequest(writer, message.range)
    writer.varint(writer.size - before)
    writer.byte(34)
  }
  if (message.txn != null) {
    const before = writer.size
    writeTxnRequest(writer, message.txn)
    writer.varint(writer.size - before)
    writer.byte(26)
  }
  if (message.traceparent?.length) {
    writer.string(message.traceparent)
    writer.byte(18)
  }
  if (message.sequence != null && writer.uint64(message.sequence)) writer.byte(8)
}

function readRequest(reader: WireReader, end: number): Request__Output {
  let sequence = '0'
  let traceparent = ''
  let txn: Request__Output['txn'] | undefined = undefined
  let range: Request__Output['range'] | undefined = undefined
  let leaseGrant: Request__Output['leaseGrant'] | undefined = undefined
  let leaseRevoke: Request__Output['leaseRevoke'] | undefined = undefined
  let leaseKeepAlive: Request__Output['leaseKeepAlive'] | undefined = undefined
  let body: Request__Output['body'] | undefined
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 8: sequence = reader.uint64(); break
      case 18: traceparent = reader.string(); break
      case 26: txn = readTxnRequest(reader, reader.inner(end)) as Request__Output['txn']; body = 'txn'; break
      case 34: range = readRangeRequest(reader, reader.inner(end)) as Request__Output['range']; body = 'range'; break
      case 42: leaseGrant = readLeaseGrantRequest(reader, reader.inner(end)) as Request__Output['leaseGrant']; body = 'leaseGrant'; break
      case 50: leaseRevoke = readLeaseRevokeRequest(reader, reader.inner(end)) as Request__Output['leaseRevoke']; body = 'leaseRevoke'; break
      case 58: leaseKeepAlive = readLeaseKeepAliveRequest(reader, reader.inner(end)) as Request__Output['leaseKeepAlive']; body = 'leaseKeepAlive'; break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { sequence, traceparent, txn, range, leaseGrant, leaseRevoke, leaseKeepAlive, body } as Request__Output
}

function writeRequestBatch(writer: WireWriter, message: RequestBatch): void {
  if (message.lowWater != null && writer.uint64(message.lowWater)) writer.byte(16)
  if (message.requests) for (let at = message.requests.length - 1; at >= 0; at--) {
    const item = message.requests[at] as NonNullable<(typeof message.requests)[number]>
    const before = writer.size
    writeRequest(writer, item)
    writer.varint(writer.size - before)
    writer.byte(10)
  }
}

function readRequestBatch(reader: WireReader, end: number): RequestBatch__Output {
  const requests: Mutable<RequestBatch__Output['requests']> = []
  let lowWater = '0'
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: requests.push(readRequest(reader, reader.inner(end))); break
      case 16: lowWater = reader.uint64(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { requests, lowWater } as RequestBatch__Output
}

function writeServerFrame(writer: WireWriter, message: ServerFrame): void {
  if (message.presence != null) {
    const before = writer.size
    writePresence(writer, message.presence)
    writer.varint(writer.size - before)
    writer.byte(74)
  }
  if (message.commands != null) {
    const before = writer.size
    writeCommandBatch(writer, message.commands)
    writer.varint(writer.size - before)
    writer.byte(66)
  }
  if (message.subscribed != null) {
    const before = writer.size
    writeSubscribeResult(writer, message.subscribed)
    writer.varint(writer.size - before)
    writer.byte(58)
  }
  if (message.goodbye != null) {
    const before = writer.size
    writeGoodbye(writer, message.goodbye)
    writer.varint(writer.size - before)
    writer.byte(50)
  }
  if (message.heartbeat != null) {
    const before = writer.size
    writeHeartbeatReply(writer, message.heartbeat)
    writer.varint(writer.size - before)
    writer.byte(42)
  }
  if (message.replies != null) {
    const before = writer.size
    writeReplyBatch(writer, message.replies)
    writer.varint(writer.size - before)
    writer.byte(34)
  }
  if (message.chunk != null) {
    const before = writer.size
    writePushChunk(writer, message.chunk)
    writer.varint(writer.size - before)
    writer.byte(26)
  }
  if (message.push != null) {
    const before = writer.size
    writePush(writer, message.push)
    writer.varint(writer.size - before)
    writer.byte(18)
  }
  if (message.welcome != null) {
    const before = writer.size
    writeWelcome(writer, message.welcome)
    writer.varint(writer.size - before)
    writer.byte(10)
  }
}

function readServerFrame(reader: WireReader, end: number): ServerFrame__Output {
  let welcome: ServerFrame__Output['welcome'] | undefined = undefined
  let push: ServerFrame__Output['push'] | undefined = undefined
  let chunk: ServerFrame__Output['chunk'] | undefined = undefined
  let replies: ServerFrame__Output['replies'] | undefined = undefined
  let heartbeat: ServerFrame__Output['heartbeat'] | undefined = undefined
  let goodbye: ServerFrame__Output['goodbye'] | undefined = undefined
  let subscribed: ServerFrame__Output['subscribed'] | undefined = undefined
  let commands: ServerFrame__Output['commands'] | undefined = undefined
  let presence: ServerFrame__Output['presence'] | undefined = undefined
  let kind: ServerFrame__Output['kind'] | undefined
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: welcome = readWelcome(reader, reader.inner(end)) as ServerFrame__Output['welcome']; kind = 'welcome'; break
      case 18: push = readPush(reader, reader.inner(end)) as ServerFrame__Output['push']; kind = 'push'; break
      case 26: chunk = readPushChunk(reader, reader.inner(end)) as ServerFrame__Output['chunk']; kind = 'chunk'; break
      case 34: replies = readReplyBatch(reader, reader.inner(end)) as ServerFrame__Output['replies']; kind = 'replies'; break
      case 42: heartbeat = readHeartbeatReply(reader, reader.inner(end)) as ServerFrame__Output['heartbeat']; kind = 'heartbeat'; break
      case 50: goodbye = readGoodbye(reader, reader.inner(end)) as ServerFrame__Output['goodbye']; kind = 'goodbye'; break
      case 58: subscribed = readSubscribeResult(reader, reader.inner(end)) as ServerFrame__Output['subscribed']; kind = 'subscribed'; break
      case 66: commands = readCommandBatch(reader, reader.inner(end)) as ServerFrame__Output['commands']; kind = 'commands'; break
      case 74: presence = readPresence(reader, reader.inner(end)) as ServerFrame__Output['presence']; kind = 'presence'; break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { welcome, push, chunk, replies, heartbeat, goodbye, subscribed, commands, presence, kind } as ServerFrame__Output
}

function writeStatus(writer: WireWriter, message: Status): void {
  if (message.detailsJson?.length) {
    writer.string(message.detailsJson)
    writer.byte(26)
  }
  if (message.message?.length) {
    writer.string(message.message)
    writer.byte(18)
  }
  if (message.code?.length) {
    writer.string(message.code)
    writer.byte(10)
  }
}

function readStatus(reader: WireReader, end: number): Status__Output {
  let code = ''
  let message = ''
  let detailsJson = ''
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: code = reader.string(); break
      case 18: message = reader.string(); break
      case 26: detailsJson = reader.string(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { code, message, detailsJson } as Status__Output
}

function writeSubscribe(writer: WireWriter, message: Subscribe): void {
  if (message.held) for (let at = message.held.length - 1; at >= 0; at--) {
    const item = message.held[at] as NonNullable<(typeof message.held)[number]>
    const before = writer.size
    writeHeldConfig(writer, item)
    writer.varint(writer.size - before)
    writer.byte(34)
  }
  if (message.cancel) for (let at = message.cancel.length - 1; at >= 0; at--) {
    const item = message.cancel[at] as NonNullable<(typeof message.cancel)[number]>
    writer.string(item)
    writer.byte(26)
  }
  if (message.names) for (let at = message.names.length - 1; at >= 0; at--) {
    const item = message.names[at] as NonNullable<(typeof message.names)[number]>
    writer.string(item)
    writer.byte(18)
  }
  if (message.id != null && writer.uint64(message.id)) writer.byte(8)
}

function readSubscribe(reader: WireReader, end: number): Subscribe__Output {
  let id = '0'
  const names: Mutable<Subscribe__Output['names']> = []
  const cancel: Mutable<Subscribe__Output['cancel']> = []
  const held: Mutable<Subscribe__Output['held']> = []
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 8: id = reader.uint64(); break
      case 18: names.push(reader.string()); break
      case 26: cancel.push(reader.string()); break
      case 34: held.push(readHeldConfig(reader, reader.inner(end))); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { id, names, cancel, held } as Subscribe__Output
}

function writeSubscribeFailure(writer: WireWriter, message: SubscribeFailure): void {
  if (message.status != null) {
    const before = writer.size
    writeStatus(writer, message.status)
    writer.varint(writer.size - before)
    writer.byte(18)
  }
  if (message.name?.length) {
    writer.string(message.name)
    writer.byte(10)
  }
}

function readSubscribeFailure(reader: WireReader, end: number): SubscribeFailure__Output {
  let name = ''
  let status: SubscribeFailure__Output['status'] | undefined = null
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: name = reader.string(); break
      case 18: status = readStatus(reader, reader.inner(end)) as SubscribeFailure__Output['status']; break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { name, status } as SubscribeFailure__Output
}

function writeSubscribeResult(writer: WireWriter, message: SubscribeResult): void {
  if (message.pending) {
    writer.varint(message.pending >>> 0)
    writer.byte(40)
  }
  if (message.current) for (let at = message.current.length - 1; at >= 0; at--) {
    const item = message.current[at] as NonNullable<(typeof message.current)[number]>
    writer.string(item)
    writer.byte(34)
  }
  if (message.absent) for (let at = message.absent.length - 1; at >= 0; at--) {
    const item = message.absent[at] as NonNullable<(typeof message.absent)[number]>
    writer.string(item)
    writer.byte(26)
  }
  if (message.refused) for (let at = message.refused.length - 1; at >= 0; at--) {
    const item = message.refused[at] as NonNullable<(typeof message.refused)[number]>
    const before = writer.size
    writeSubscribeFailure(writer, item)
    writer.varint(writer.size - before)
    writer.byte(18)
  }
  if (message.id != null && writer.uint64(message.id)) writer.byte(8)
}

function readSubscribeResult(reader: WireReader, end: number): SubscribeResult__Output {
  let id = '0'
  const refused: Mutable<SubscribeResult__Output['refused']> = []
  const absent: Mutable<SubscribeResult__Output['absent']> = []
  const current: Mutable<SubscribeResult__Output['current']> = []
  let pending = 0
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 8: id = reader.uint64(); break
      case 18: refused.push(readSubscribeFailure(reader, reader.inner(end))); break
      case 26: absent.push(reader.string()); break
      case 34: current.push(reader.string()); break
      case 40: pending = reader.varint(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { id, refused, absent, current, pending } as SubscribeResult__Output
}

function writeTelemetryBatch(writer: WireWriter, message: TelemetryBatch): void {
  if (message.samples?.length) {
    writer.bytes(message.samples)
    writer.byte(10)
  }
}

function readTelemetryBatch(reader: WireReader, end: number): TelemetryBatch__Output {
  let samples: Buffer = noBytes
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: samples = reader.bytes(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { samples } as TelemetryBatch__Output
}

function writeTxnRequest(writer: WireWriter, message: TxnRequest): void {
  if (message.failure) for (let at = message.failure.length - 1; at >= 0; at--) {
    const item = message.failure[at] as NonNullable<(typeof message.failure)[number]>
    const before = writer.size
    writeOperation(writer, item)
    writer.varint(writer.size - before)
    writer.byte(26)
  }
  if (message.success) for (let at = message.success.length - 1; at >= 0; at--) {
    const item = message.success[at] as NonNullable<(typeof message.success)[number]>
    const before = writer.size
    writeOperation(writer, item)
    writer.varint(writer.size - before)
    writer.byte(18)
  }
  if (message.compares) for (let at = message.compares.length - 1; at >= 0; at--) {
    const item = message.compares[at] as NonNullable<(typeof message.compares)[number]>
    const before = writer.size
    writeCompare(writer, item)
    writer.varint(writer.size - before)
    writer.byte(10)
  }
}

function readTxnRequest(reader: WireReader, end: number): TxnRequest__Output {
  const compares: Mutable<TxnRequest__Output['compares']> = []
  const success: Mutable<TxnRequest__Output['success']> = []
  const failure: Mutable<TxnRequest__Output['failure']> = []
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 10: compares.push(readCompare(reader, reader.inner(end))); break
      case 18: success.push(readOperation(reader, reader.inner(end))); break
      case 26: failure.push(readOperation(reader, reader.inner(end))); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { compares, success, failure } as TxnRequest__Output
}

function writeTxnResponse(writer: WireWriter, message: TxnResponse): void {
  if (message.results) for (let at = message.results.length - 1; at >= 0; at--) {
    const item = message.results[at] as NonNullable<(typeof message.results)[number]>
    const before = writer.size
    writeOperationResult(writer, item)
    writer.varint(writer.size - before)
    writer.byte(18)
  }
  if (message.succeeded) {
    writer.byte(1)
    writer.byte(8)
  }
}

function readTxnResponse(reader: WireReader, end: number): TxnResponse__Output {
  let succeeded = false
  const results: Mutable<TxnResponse__Output['results']> = []
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 8: succeeded = reader.boolean(); break
      case 18: results.push(readOperationResult(reader, reader.inner(end))); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { succeeded, results } as TxnResponse__Output
}

function writeWelcome(writer: WireWriter, message: Welcome): void {
  if (message.beaconMs) {
    writer.varint(message.beaconMs >>> 0)
    writer.varint(152)
  }
  if (message.silenceMs) {
    writer.varint(message.silenceMs >>> 0)
    writer.varint(144)
  }
  if (message.absent) for (let at = message.absent.length - 1; at >= 0; at--) {
    const item = message.absent[at] as NonNullable<(typeof message.absent)[number]>
    writer.string(item)
    writer.varint(138)
  }
  if (message.current) for (let at = message.current.length - 1; at >= 0; at--) {
    const item = message.current[at] as NonNullable<(typeof message.current)[number]>
    writer.string(item)
    writer.varint(130)
  }
  if (message.endpoints) for (let at = message.endpoints.length - 1; at >= 0; at--) {
    const item = message.endpoints[at] as NonNullable<(typeof message.endpoints)[number]>
    writer.string(item)
    writer.byte(122)
  }
  if (message.pending) {
    writer.varint(message.pending >>> 0)
    writer.byte(112)
  }
  if (message.refused) for (let at = message.refused.length - 1; at >= 0; at--) {
    const item = message.refused[at] as NonNullable<(typeof message.refused)[number]>
    const before = writer.size
    writeSubscribeFailure(writer, item)
    writer.varint(writer.size - before)
    writer.byte(106)
  }
  if (message.resumed) {
    writer.byte(1)
    writer.byte(96)
  }
  if (message.reconnectDelayMs) {
    writer.varint(message.reconnectDelayMs >>> 0)
    writer.byte(88)
  }
  if (message.heartbeatIntervalMs) {
    writer.varint(message.heartbeatIntervalMs >>> 0)
    writer.byte(80)
  }
  if (message.ttlMs) {
    writer.varint(message.ttlMs >>> 0)
    writer.byte(72)
  }
  if (message.revision != null && writer.uint64(message.revision)) writer.byte(64)
  if (message.storeEpoch != null && writer.uint64(message.storeEpoch)) writer.byte(56)
  if (message.memberName?.length) {
    writer.string(message.memberName)
    writer.byte(50)
  }
  if (message.clusterId?.length) {
    writer.string(message.clusterId)
    writer.byte(42)
  }
  if (message.features != null && writer.uint64(message.features)) writer.byte(32)
  if (message.attachment != null && writer.uint64(message.attachment)) writer.byte(24)
  if (message.sessionSecret?.length) {
    writer.bytes(message.sessionSecret)
    writer.byte(18)
  }
  if (message.sessionId != null && writer.fixed64(message.sessionId)) writer.byte(9)
}

function readWelcome(reader: WireReader, end: number): Welcome__Output {
  let sessionId = '0'
  let sessionSecret: Buffer = noBytes
  let attachment = '0'
  let features = '0'
  let clusterId = ''
  let memberName = ''
  let storeEpoch = '0'
  let revision = '0'
  let ttlMs = 0
  let heartbeatIntervalMs = 0
  let reconnectDelayMs = 0
  let resumed = false
  const refused: Mutable<Welcome__Output['refused']> = []
  let pending = 0
  const endpoints: Mutable<Welcome__Output['endpoints']> = []
  const current: Mutable<Welcome__Output['current']> = []
  const absent: Mutable<Welcome__Output['absent']> = []
  let silenceMs = 0
  let beaconMs = 0
  while (reader.at < end) {
    const tag = reader.varint()
    switch (tag) {
      case 9: sessionId = reader.fixed64(); break
      case 18: sessionSecret = reader.bytes(); break
      case 24: attachment = reader.uint64(); break
      case 32: features = reader.uint64(); break
      case 42: clusterId = reader.string(); break
      case 50: memberName = reader.string(); break
      case 56: storeEpoch = reader.uint64(); break
      case 64: revision = reader.uint64(); break
      case 72: ttlMs = reader.varint(); break
      case 80: heartbeatIntervalMs = reader.varint(); break
      case 88: reconnectDelayMs = reader.varint(); break
      case 96: resumed = reader.boolean(); break
      case 106: refused.push(readSubscribeFailure(reader, reader.inner(end))); break
      case 112: pending = reader.varint(); break
      case 122: endpoints.push(reader.string()); break
      case 130: current.push(reader.string()); break
      case 138: absent.push(reader.string()); break
      case 144: silenceMs = reader.varint(); break
      case 152: beaconMs = reader.varint(); break
      default: reader.skip(tag)
    }
  }
  reader.close(end)
  return { sessionId, sessionSecret, attachment, features, clusterId, memberName, storeEpoch, revision, ttlMs, heartbeatIntervalMs, reconnectDelayMs, resumed, refused, pending, endpoints, current, absent, silenceMs, beaconMs } as Welcome__Output
}

export const encodeClientFrame = (message: ClientFrame): Buffer => encode(writeClientFrame, message)
export const decodeClientFrame = (bytes: Uint8Array): ClientFrame__Output => decode(readClientFrame, bytes)
export const encodeServerFrame = (message: ServerFrame): Buffer => encode(writeServerFrame, message)
export const decodeServerFrame = (bytes: Uint8Array): ServerFrame__Output => decode(readServerFrame, bytes)
export const encodeConfigChange = (message: ConfigChange): Buffer => encode(writeConfigChange, message)
export const decodeConfigChange = (bytes: Uint8Array): ConfigChange__Output => decode(readConfigChange, bytes)
export const encodePush = (message: Push): Buffer => encode(writePush, message)
export const decodePush = (bytes: Uint8Array): Push__Output => decode(readPush, bytes)
export const encodeStatus = (message: Status): Buffer => encode(writeStatus, message)
export const decodeStatus = (bytes: Uint8Array): Status__Output => decode(readStatus, bytes)
