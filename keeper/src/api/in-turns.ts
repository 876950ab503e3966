/** Others wait no longer than this for what is quick, and for one of what is slow. */
const TURN_MS = 8

/**
 * What is made of all, in as many turns of the event loop as it takes: a large value that is compared takes a tenth of a second,
 * and a history may have a thousand. What is left is not made once the caller is gone.
 */
export async function inTurns<From, To>(
  all: readonly From[],
  make: (one: From) => To,
  signal?: AbortSignal,
  turnMs = TURN_MS,
): Promise<To[]> {
  const made: To[] = []
  let since = performance.now()
  for (const one of all) {
    if (signal?.aborted) break
    made.push(make(one))
    if (performance.now() - since < turnMs) continue
    await new Promise((resolve) => setImmediate(resolve))
    since = performance.now()
  }
  return made
}
