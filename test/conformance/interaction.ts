import { isLocalThread } from '../../keeper/src/raft/message.js'
import type {
  ConfChangeTransition,
  Message,
  MessageType,
  RaftConfig,
  StepOutcome,
} from '../../keeper/src/raft/types.js'
import * as describe from './describe.js'
import { type Command, type Directive, numbersOf, parseCommand, valuesOf } from './transcript.js'
import { defaultConfig, emptyConfState, TestMember } from './world.js'

const failures: Record<Exclude<StepOutcome, 'ok'>, string> = {
  dropped: 'raft proposal dropped',
  localMessage: 'raft: cannot step raft local message',
  unknownPeer: 'raft: cannot step as peer not found',
}

const transitions: Record<string, ConfChangeTransition> = {
  auto: 'auto',
  implicit: 'jointImplicit',
  explicit: 'jointExplicit',
}

function truth(value: string): boolean {
  if (value !== 'true' && value !== 'false') throw new Error(`neither true nor false: ${value}`)
  return value === 'true'
}

function count(value: string): number {
  if (!/^\d+$/.test(value)) throw new Error(`no number: ${value}`)
  return Number(value)
}

function isLeaseBased(value: string): boolean {
  if (value !== 'safe' && value !== 'lease-based') throw new Error(`invalid read-only option "${value}"`)
  return value === 'lease-based'
}

/** Options of add-nodes that set one field of the configuration. */
const configOptions: Record<string, (value: string) => Partial<RaftConfig>> = {
  index: (value) => ({ applied: count(value) }),
  inflight: (value) => ({ inflightMessagesMax: count(value) }),
  'max-inflight': (value) => ({ inflightMessagesMax: count(value) }),
  'max-inflight-bytes': (value) => ({ inflightBytesMax: count(value) }),
  'max-size-per-msg': (value) => ({ messageBytesMax: count(value) }),
  'max-uncommitted-size': (value) => ({ uncommittedBytesMax: count(value) }),
  'max-committed-size-per-ready': (value) => ({ committedBytesPerReadyMax: count(value) }),
  'election-tick': (value) => ({ electionTimeoutTicks: count(value) }),
  'heartbeat-tick': (value) => ({ heartbeatTicks: count(value) }),
  'async-storage-writes': (value) => ({ asyncStorageWrites: truth(value) }),
  prevote: (value) => ({ preVote: truth(value) }),
  checkquorum: (value) => ({ checkQuorum: truth(value) }),
  'disable-conf-change-validation': (value) => ({ disableConfChangeValidation: truth(value) }),
  'disable-proposal-forwarding': (value) => ({ disableProposalForwarding: truth(value) }),
  'step-down-on-removal': (value) => ({ stepDownOnRemoval: truth(value) }),
  'read-only': (value) => ({ leaseReads: isLeaseBased(value) }),
}

const otherOptions = new Set(['voters', 'learners', 'content'])

interface Recipient {
  readonly id: number
  readonly drop: boolean
}

/** Several members and the network between them, moved by directives: etcd's interaction environment. */
export class Interaction {
  readonly #members: TestMember[] = []
  #network: Message[] = []
  #quiet = false
  #output: string[] = []

  /** Runs a directive; what it prints. */
  run(directive: Directive): readonly string[] {
    this.#output = []
    if (directive.name === 'propose-conf-change') this.#attempt(directive, directive.input)
    else for (const command of [directive, ...directive.input.map(parseCommand)]) this.#attempt(command, [])
    return this.#output
  }

  member(id: number): TestMember {
    const member = this.#members[id - 1]
    if (!member) throw new Error(`there is no member ${id}`)
    return member
  }

  #attempt(command: Command, input: readonly string[]): void {
    const act = this.#directives[command.name]
    if (!act) throw new Error(`unknown directive ${command.name}`)
    try {
      act(command, input)
    } catch (thrown) {
      // said even when quiet
      this.#output.push(thrown instanceof Error ? thrown.message : String(thrown))
    }
  }

  #print(...lines: readonly string[]): void {
    if (!this.#quiet) this.#output.push(...lines)
  }

  readonly #directives: Record<string, (command: Command, input: readonly string[]) => void> = {
    _breakpoint: () => undefined,
    'add-nodes': (command) => this.#addMembers(command),
    campaign: (command) => this.#first(command).raw.campaign(),
    compact: (command) => {
      this.#first(command).storage.compact(numbersOf(command)[1] ?? 0)
      this.#printLog(command)
    },
    'deliver-msgs': (command) => this.#deliverMessages(command),
    'forget-leader': (command) => this.#first(command).raw.forgetLeader(),
    'log-level': (command) => this.#setLevel(command.args[0]?.key),
    'process-ready': (command) => this.#each(command, 'handling Ready', (member) => this.#processReady(member)),
    'process-append-thread': (command) =>
      this.#each(command, 'processing append thread', (member) => this.#processThread(member, 'append')),
    'process-apply-thread': (command) =>
      this.#each(command, 'processing apply thread', (member) => this.#processThread(member, 'apply')),
    propose: (command) => this.#check(this.#first(command).raw.propose(Buffer.from(command.args[1]?.key ?? ''))),
    'propose-conf-change': (command, input) => this.#proposeConfChange(command, input),
    'raft-log': (command) => this.#printLog(command),
    'raft-state': () => this.#print(...this.#members.map(({ raw }) => describe.describeState(raw.status()))),
    'report-unreachable': (command) => this.#first(command).raw.reportUnreachable(numbersOf(command)[1] ?? 0),
    'send-snapshot': (command) => this.#sendSnapshot(command),
    'set-randomized-election-timeout': (command) =>
      this.#first(command).raw.setElectionTimeoutTicks(Number(valuesOf(command, 'timeout')?.[0])),
    stabilize: (command) => this.#stabilizeAtLevel(command),
    status: (command) => {
      const { progress } = this.#first(command).raw.status()
      this.#print(...[...progress].map(([id, of]) => describe.describeProgress(id, of)))
    },
    tick: (command) => this.#tick(this.#first(command), numbersOf(command)[1] ?? 1),
    'tick-election': (command) => {
      const member = this.#first(command)
      this.#tick(member, member.config.electionTimeoutTicks)
    },
    'tick-heartbeat': (command) => {
      const member = this.#first(command)
      this.#tick(member, member.config.heartbeatTicks)
    },
    'transfer-leadership': (command) => {
      const from = this.member(Number(valuesOf(command, 'from')?.[0]))
      from.raw.transferLeader(Number(valuesOf(command, 'to')?.[0]))
    },
  }

  #first(command: Command): TestMember {
    return this.member(numbersOf(command)[0] ?? 0)
  }

  #check(outcome: StepOutcome): void {
    if (outcome !== 'ok') throw new Error(failures[outcome])
  }

  #addMembers(command: Command): void {
    const unknown = command.args.find(
      ({ key, values }) => values.length > 0 && !otherOptions.has(key) && !configOptions[key],
    )
    if (unknown) throw new Error(`unknown option ${unknown.key}`)
    const options = command.args.flatMap(({ key, values }) => values.map((value) => configOptions[key]?.(value) ?? {}))
    const config = Object.assign({ ...defaultConfig }, ...options) as typeof defaultConfig
    const seeded = command.args.some(({ key }) => otherOptions.has(key))
    if (seeded && config.applied <= 1) throw new Error('index must be specified as > 1 due to bootstrap')
    const ids = (key: string) => (valuesOf(command, key) ?? []).map(Number)
    const initial = {
      index: config.applied,
      term: config.applied > 0 ? 1 : 0,
      confState: { ...emptyConfState, voters: ids('voters'), learners: ids('learners') },
      data: Buffer.from(valuesOf(command, 'content')?.[0] ?? ''),
    }
    for (let rest = numbersOf(command)[0] ?? 0; rest > 0; rest--)
      this.#members.push(new TestMember(this.#members.length + 1, config, initial))
  }

  #setLevel(level = ''): void {
    if (!/^(?:debug|info|warn|error|fatal|none)$/i.test(level)) throw new Error(`unknown log level ${level}`)
    this.#quiet = level.toLowerCase() === 'none'
  }

  #each(command: Command, heading: string, act: (member: TestMember) => void): void {
    const ids = numbersOf(command)
    for (const id of ids) {
      if (ids.length > 1) this.#print(`> ${id} ${heading}`)
      act(this.member(id))
    }
  }

  #processReady(member: TestMember): void {
    const { ready, messages } = member.processReady()
    this.#print(...describe.describeReady(ready))
    this.#network.push(...messages)
  }

  #processThread(member: TestMember, thread: 'append' | 'apply'): void {
    const work = thread === 'append' ? member.processAppend() : member.processApply()
    if (!work) throw new Error(`no ${thread} work to perform`)
    this.#print('Processing:', ...describe.describeMessage({ ...work, responses: [] }))
    this.#print('Responses:', ...work.responses.flatMap(describe.describeMessage))
    this.#network.push(...work.responses)
  }

  #proposeConfChange(command: Command, input: readonly string[]): void {
    const transition = transitions[valuesOf(command, 'transition')?.[0] ?? 'auto']
    if (!transition) throw new Error('unknown transition')
    const v1 = valuesOf(command, 'v1')?.[0] === 'true'
    const changes = describe.parseChanges(input.join(' '))
    if (v1 && (changes.length > 1 || transition !== 'auto'))
      throw new Error('v1 conf change can only have one operation and no transition')
    this.#check(this.#first(command).raw.proposeConfChange({ transition, changes }, v1 ? 'v1' : 'v2'))
  }

  #printLog(command: Command): void {
    const { storage } = this.#first(command)
    const [first, last] = [storage.firstIndex(), storage.lastIndex()]
    if (last < first) this.#print(`log is empty: first index=${first}, last index=${last}`)
    else this.#print(...storage.entries(first, last + 1, Number.POSITIVE_INFINITY).map(describe.describeEntry))
  }

  #sendSnapshot(command: Command): void {
    const [from = 0, to = 0] = numbersOf(command)
    const { raw, storage } = this.member(from)
    const blank = { logTerm: 0, index: 0, entries: [], commit: 0, vote: 0, reject: false, rejectHint: 0, responses: [] }
    const { term } = raw.status()
    const message: Message = { ...blank, type: 'MsgSnap', from, to, term, snapshot: storage.snapshot() }
    this.#network.push(message)
    this.#print(...describe.describeMessage(message))
  }

  #tick(member: TestMember, ticks: number): void {
    for (let rest = ticks; rest > 0; rest--) member.raw.tick()
  }

  #deliverMessages(command: Command): void {
    const type = valuesOf(command, 'type')?.[0] as MessageType | undefined
    const recipients = [
      ...numbersOf(command).map((id) => ({ id, drop: false })),
      ...(valuesOf(command, 'drop') ?? []).map((id) => ({ id: Number(id), drop: true })),
    ]
    const counts = recipients.map((recipient) => this.#deliver(recipient, type))
    if (counts.every((count) => count === 0)) this.#print('no messages')
  }

  /** Delivers or drops what is under way to one member; how many messages. */
  #deliver({ id, drop }: Recipient, type?: MessageType): number {
    const chosen = this.#network.filter((message) => concerns(message, { id, drop }, type))
    this.#network = this.#network.filter((message) => !chosen.includes(message))
    for (const message of chosen) {
      const [head = '', ...tail] = describe.describeMessage(message)
      this.#print(drop ? `dropped: ${head}` : head, ...tail)
      const outcome = drop ? 'ok' : this.member(id).raw.step(message)
      if (outcome !== 'ok') this.#print(failures[outcome])
    }
    return chosen.length
  }

  #stabilizeAtLevel(command: Command): void {
    const before = this.#quiet
    const level = valuesOf(command, 'log-level')?.[0]
    if (level) this.#setLevel(level)
    const ids = numbersOf(command)
    const members = ids.length > 0 ? ids.map((id) => this.member(id)) : this.#members
    try {
      while (this.#round(members));
    } finally {
      this.#quiet = before
    }
  }

  /** Lets everyone do what there is to do; whether there was anything. */
  #round(members: readonly TestMember[]): boolean {
    const steps: readonly [string, (member: TestMember) => boolean, (member: TestMember) => void][] = [
      ['handling Ready', ({ raw }) => raw.hasReady(), (member) => this.#processReady(member)],
      [
        'receiving messages',
        ({ id }) => this.#network.some((message) => message.to === id),
        ({ id }) => this.#deliver({ id, drop: false }),
      ],
      [
        'processing append thread',
        ({ appendWork }) => appendWork.length > 0,
        (member) => this.#drain(member, 'append'),
      ],
      ['processing apply thread', ({ applyWork }) => applyWork.length > 0, (member) => this.#drain(member, 'apply')],
    ]
    let busy = false
    for (const [heading, hasWork, act] of steps)
      for (const member of members) {
        if (!hasWork(member)) continue
        this.#print(`> ${member.id} ${heading}`)
        act(member)
        busy = true
      }
    return busy
  }

  #drain(member: TestMember, thread: 'append' | 'apply'): void {
    const work = thread === 'append' ? member.appendWork : member.applyWork
    while (work.length > 0) this.#processThread(member, thread)
  }
}

/** Messages of a member to itself are never lost. */
function concerns(message: Message, { id, drop }: Recipient, type?: MessageType): boolean {
  if (message.to !== id || (type && message.type !== type)) return false
  return !(drop && (message.from === message.to || isLocalThread(message.from)))
}
