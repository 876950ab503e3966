import type { Authorize } from './types.js'

/** Who calls, until callers can prove who they are. */
export const ANONYMOUS = 'anonymous'

/** Everyone may do everything: there are no users yet. Every handler asks all the same, so that rules need one place. */
export const allowAll: Authorize = () => {}
