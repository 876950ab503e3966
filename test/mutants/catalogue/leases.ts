import type { Mutant, Patch } from '../mutant.js'

const lessor = 'keeper/src/node/lessor.ts'

/** Time that the leader's own clock shows, whether or not renewals could come in meanwhile. */
const ownClockDecides: Patch = {
  file: lessor,
  find: 'takeDue(this.#confirmedAt,',
  replace: 'takeDue(this.#host.clock.monotonic(),',
}

/** Nobody's lease ends early, and who was replaced is not heard any more. */
export const leases: readonly Mutant[] = [
  {
    name: 'lease-expired-by-a-deposed-leader',
    bug: 'who led once goes on to expire leases by its own clock; what it proposes is passed on to the new leader',
    patches: [
      ownClockDecides,
      {
        file: 'keeper/src/node/member-parts.ts',
        find: "compares: [{ target: 'term', term }]",
        replace: 'compares: []',
      },
      {
        file: lessor,
        find: "if (leading) this.#extend('election')\n    else this.#stop()",
        replace: "if (leading) this.#extend('election')",
      },
      {
        file: lessor,
        find: "else if (this.#askedAt !== undefined && now - this.#askedAt > this.#times.gapMs) this.#extend('no quorum')",
        replace: '',
      },
      { file: lessor, find: "() => this.#extend('no quorum'),", replace: '() => {},' },
    ],
    noticed: ['leases'],
  },
  {
    name: 'expiry-after-a-paused-leader',
    bug: 'a leader that was paused expires leases by the time that passed meanwhile, before it hears their renewals',
    patches: [
      ownClockDecides,
      {
        file: lessor,
        find: "if (sinceTick > this.#times.gapMs) this.#extend('clock gap')\n    else if",
        replace: 'if',
      },
    ],
    noticed: ['leases'],
  },
  {
    name: 'old-attachment-still-acks',
    bug: 'a stream goes on to speak for its session after a newer stream has taken over at another member',
    patches: [
      {
        file: 'keeper/src/push/session-table.ts',
        find: 'session.peer?.goodbye(newerStream())\n    this.#drop(session)',
        replace: '',
      },
    ],
    noticed: ['fencing', 'ledger'],
  },
]
