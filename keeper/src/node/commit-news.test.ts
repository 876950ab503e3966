import { describe, expect, test } from 'vitest'
import { limits } from '../base/limits.js'
import { ManualClock } from '../push/testing/manual-clock.js'
import { newMessage } from '../raft/message.js'
import type { Message } from '../raft/types.js'
import { CommitNews } from './commit-news.js'

const { commitNewsDelayMs: delayMs } = limits
const news = (to: number, commit: number): Message => ({ ...newMessage('MsgApp', to, 1, 5), commit })
const append = (to: number, commit: number): Message => ({
  ...news(to, commit),
  entries: [{ index: commit + 1, term: 5, type: 'normal', data: new Uint8Array() }],
})

/** A leader of term 5; what its timer sends is in `sent`. */
function leader() {
  const clock = new ManualClock()
  const sent: Message[] = []
  const commitNews = new CommitNews({ clock, send: (messages) => void sent.push(...messages) })
  return { clock, sent, commitNews }
}

describe('a commit index alone', () => {
  test('leaves after a moment when no entries bring it along', () => {
    const { clock, sent, commitNews } = leader()
    expect(commitNews.sift([news(2, 7)])).toEqual([])
    clock.advance(delayMs)
    expect(sent).toEqual([news(2, 7)])
  })

  test('never leaves when entries do', () => {
    const { clock, sent, commitNews } = leader()
    commitNews.sift([news(2, 7)])
    expect(commitNews.sift([append(2, 7)])).toEqual([append(2, 7)])
    clock.advance(2 * delayMs)
    expect(sent).toEqual([])
  })

  test('waits its own moment, not the rest of that of an earlier one which entries brought along', () => {
    const { clock, sent, commitNews } = leader()
    commitNews.sift([news(2, 7)])
    commitNews.sift([append(2, 7)])
    clock.advance(0.9 * delayMs)
    commitNews.sift([news(2, 8)])
    clock.advance(0.1 * delayMs)
    expect(sent).toEqual([])
    clock.advance(delayMs)
    expect(sent).toEqual([news(2, 8)])
  })

  test('waits no longer for being newer than what waited before', () => {
    const { clock, sent, commitNews } = leader()
    commitNews.sift([news(2, 7)])
    clock.advance(0.9 * delayMs)
    commitNews.sift([news(2, 8)])
    clock.advance(0.1 * delayMs)
    expect(sent).toEqual([news(2, 8)])
  })

  test('leaves at once for a follower whose proposal it covers', () => {
    const { commitNews } = leader()
    commitNews.placed(2, 7)
    expect(commitNews.sift([news(2, 7), news(3, 7)])).toEqual([news(2, 7)])
  })
})
