import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { difference } from './meaning.js'
import { runDirectory, runTranscript } from './run.js'

/** etcd's transcripts are not part of the project; they lie beside the checkout where the Raft core is worked on. */
const transcripts = resolve(import.meta.dirname, '../../../shared/conformance/etcd-raft')

describe('etcd’s transcripts', () => {
  const there = existsSync(transcripts)
  test.skipIf(!there)(there ? 'all agree' : 'skipped: no ../shared/conformance/etcd-raft beside the checkout', () => {
    const verdicts = runDirectory(transcripts)
    expect(verdicts.length).toBeGreaterThan(0)
    expect(verdicts.filter((verdict) => verdict.failure)).toEqual([])
  })
})

const single = (commit: number, role = 'StateLeader') => `
add-nodes 1 voters=(1) index=3
----
INFO 1 switched to configuration voters=(1)

campaign 1
----
INFO 1 became candidate at term 1

stabilize
----
> 1 handling Ready
  Ready MustSync=true:
  Lead:0 State:StateCandidate
  HardState Term:1 Vote:1 Commit:3
> 1 handling Ready
  Ready MustSync=true:
  Lead:1 State:${role}
  Entries:
  1/4 EntryNormal ""
> 1 handling Ready
  Ready MustSync=false:
  HardState Term:1 Vote:1 Commit:${commit}
  CommittedEntries:
  1/4 EntryNormal ""
`

describe('the runner', () => {
  test('passes by what is no transcript, and tells one that is cut off', () => {
    expect(runTranscript('history.txt', 'INFO jepsen.util - 0 :invoke :read nil\n')).toMatchObject({ isOther: true })
    const cut = single(4).slice(0, single(4).lastIndexOf('----'))
    expect(runTranscript('cut.txt', cut).failure?.difference).toEqual(['! line 10: no "----" after the command'])
  })

  test('accepts a run that means the same', () => {
    expect(runTranscript('single', single(4)).failure).toBeUndefined()
  })

  test('refuses a run with another commit index or role, and names the line', () => {
    expect(runTranscript('commit', single(3)).failure).toMatchObject({ line: 10, command: 'stabilize' })
    expect(runTranscript('role', single(4, 'StateFollower')).failure?.difference).toEqual([
      '- 1 Lead:1 State:StateFollower',
      '+ 1 Lead:1 State:StateLeader',
    ])
  })

  test('reads role and configuration out of log lines', () => {
    const wrong = single(4).replace('switched to configuration voters=(1)', 'switched to configuration voters=(1 2)')
    expect(runTranscript('config', wrong).failure?.line).toBe(2)
  })

  test('fails on a directive it does not know rather than pass over it', () => {
    expect(runTranscript('unknown', 'frobnicate 1\n----\nok\n').failure?.difference).toHaveLength(1)
  })

  test.each(['frobnicate=true', 'prevote=yes', 'inflight=many', 'read-only=lease', 'index=-3'])(
    'fails on the option %s rather than pass over it',
    (option) => {
      const text = `log-level none\n----\nok\n\nadd-nodes 1 voters=(1) index=2 ${option}\n----\nok\n`
      expect(runTranscript('option', text).failure).toMatchObject({ line: 5, command: 'add-nodes' })
    },
  )

  test('ticks as long as the member’s own timeout is', () => {
    const world = 'add-nodes 1 voters=(1) index=2 election-tick=7\n----\nINFO 1 became follower at term 0\n\n'
    const late = `${world}tick 1 6\n----\nINFO 1 became follower at term 0\n\n`
    expect(runTranscript('ticks', `${late}tick 1 1\n----\nINFO 1 became candidate at term 1\n`).failure).toBeUndefined()
    const whole = `${world}tick-election 1\n----\nINFO 1 became candidate at term 1\n`
    expect(runTranscript('timeout', whole).failure).toBeUndefined()
  })

  test('counts messages, whatever their order and indentation', () => {
    expect(difference(['  1->2 MsgApp', '1->3 MsgApp'], ['1->3 MsgApp', '1->2 MsgApp'])).toEqual([])
    expect(difference(['1->2 MsgApp', '1->2 MsgApp'], ['1->2 MsgApp'])).toEqual(['- 1->2 MsgApp'])
  })

  test('finds a wrong row in quorum and membership tables', () => {
    expect(runTranscript('votes', 'vote cfg=(1,2,3) votes=(y,y,_)\n----\nVotePending\n').failure).toBeDefined()
    expect(runTranscript('indexes', 'committed cfg=(1,2,3) idx=(1,2,3)\n----\n3\n').failure).toBeDefined()
    expect(
      runTranscript('change', 'simple\nv1\n----\nvoters=(1)\n1: StateProbe match=0 next=2\n').failure,
    ).toBeDefined()
    expect(runTranscript('refusal', 'simple\nv1\n----\nno\n').failure).toBeDefined()
  })
})
