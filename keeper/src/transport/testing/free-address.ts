import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the ports that the kernel gives to connections and to listeners on port 0: nobody takes one of these by chance. */
const PORT_FIRST = 12_000
const PORTS = 20_000

/** An address of loopback that is free, and stays so unless another test draws the same of 20,000. */
export async function freeAddress(): Promise<string> {
  for (;;) {
    const port = PORT_FIRST + Math.floor(Math.random() * PORTS)
    const server = createServer().listen(port, '127.0.0.1')
    const free = await new Promise<boolean>((resolve) => {
      server.once('listening', () => resolve(true)).once('error', () => resolve(false))
    })
    if (!free) continue
    server.close()
    await once(server, 'close')
    return `127.0.0.1:${port}`
  }
}
