import { disk } from './catalogue/disk.js'
import { elections } from './catalogue/elections.js'
import { leases } from './catalogue/leases.js'
import { membership } from './catalogue/membership.js'
import { reads } from './catalogue/reads.js'
import { replication } from './catalogue/replication.js'
import { state } from './catalogue/state.js'
import type { Mutant } from './mutant.js'

/** Every bug that the simulation must find. */
export const mutants: readonly Mutant[] = [
  ...elections,
  ...replication,
  ...membership,
  ...reads,
  ...state,
  ...leases,
  ...disk,
]
