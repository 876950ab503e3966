/** Keys that reach into JavaScript's prototypes: no config needs them, so none may have them, in any format. */
const refused = new Set(['__proto__', 'constructor', 'prototype'])

/** Why `key` is refused, or undefined when it is not. */
export const keyProblem = (key: string): string | undefined =>
  refused.has(key) ? `the key ${JSON.stringify(key)} is not allowed` : undefined
