import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { type HttpListener, listenHttp } from './http.js'

let listener: HttpListener | undefined
const agents: Agent[] = []
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy()
  await listener?.close()
})

const sources = {
  notReady: () => undefined,
  metrics: async () => ({ contentType: 'text/plain', text: 'metrics' }),
}

/** Asks on a connection that stays open, one for each. */
async function ask(path: string, agent = new Agent({ keepAlive: true })): Promise<IncomingMessage> {
  agents.push(agent)
  const [answer] = (await once(get({ port: listener?.port, path, agent }), 'response')) as [IncomingMessage]
  answer.resume()
  await once(answer, 'end')
  return answer
}

test('a connection too many is told so and closed; whoever looks whether the keeper lives is answered', async () => {
  listener = await listenHttp({ host: '127.0.0.1', port: 0 }, sources, undefined, 2)
  const first = new Agent({ keepAlive: true })
  expect((await ask('/metrics', first)).statusCode).toBe(200)
  expect((await ask('/metrics')).statusCode).toBe(200)
  const refused = await ask('/metrics')
  expect(refused).toMatchObject({ statusCode: 503, headers: { connection: 'close', 'retry-after': '1' } })
  expect((await ask('/readyz')).statusCode).toBe(200)
  expect((await ask('/metrics', first)).statusCode, 'those before it stay').toBe(200)
})

test('room is made by those who go', async () => {
  listener = await listenHttp({ host: '127.0.0.1', port: 0 }, sources, undefined, 1)
  const first = new Agent({ keepAlive: true })
  await ask('/metrics', first)
  expect((await ask('/metrics')).statusCode).toBe(503)
  first.destroy()
  await expect.poll(async () => (await ask('/metrics')).statusCode).toBe(200)
})
