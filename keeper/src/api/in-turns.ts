/**
 * What is made of all, each in a turn of the event loop of its own: a large value that is compared takes a tenth of a second,
 * and a history may have a thousand. What is left is not made once the caller is gone.
 */
export async function inTurns<From, To>(
  all: readonly From[],
  make: (one: From) => To,
  signal?: AbortSignal,
): Promise<To[]> {
  const made: To[] = []
  for (const one of all) {
    if (signal?.aborted) break
    made.push(make(one))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return made
}
