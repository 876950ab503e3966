import { lostEntries, type Mutant } from '../mutant.js'

const storage = (file: string) => `keeper/src/storage/${file}.ts`

/** What was durable is there, or its loss is noticed. */
export const disk: readonly Mutant[] = [
  {
    name: 'lost-tail-not-noticed',
    bug: 'a log that ends before the marks say is believed: a member forgets what it acknowledged',
    patches: [
      {
        file: storage('recover-log'),
        find: 'if (sequence < mark.head.sequence && !redone)',
        replace: 'if (sequence < 0 && !redone)',
      },
      {
        file: storage('findings'),
        find: 'return { damage: { reason: ',
        replace: 'return {}; return { damage: { reason: ',
      },
    ],
    // what was believed and written on is met as a hole at the next start
    noticed: ['disk', ...lostEntries],
  },
  {
    name: 'append-not-synced',
    bug: 'an append is called durable when only its mark is',
    patches: [
      {
        file: storage('log-writer'),
        find: 'await Promise.all([done, ',
        replace: 'done.catch(() => {})\n      await Promise.all([',
      },
    ],
    noticed: ['disk', ...lostEntries],
    quick: true,
  },
]
