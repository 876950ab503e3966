import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Runs `ip`; throws what it complains about. */
function ip(...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync('ip', args, { encoding: 'utf8' })
  if (error || status !== 0) throw new Error(`ip ${args.join(' ')}: ${error?.message ?? stderr.trim()}`)
  return stdout
}

/** Why there can be no network namespaces here; undefined when there can. */
export function noNamespaces(): string | undefined {
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  const name = `kt-${process.pid}-try`
  try {
    ip('netns', 'add', name)
    ip('netns', 'del', name)
    return undefined
  } catch (error) {
    return `no network namespaces: ${error}`
  }
}

let made = 0

/**
 * Hosts of a network of their own: each a network namespace, joined by a bridge on which this process has an address,
 * too. Names begin with this process' id, so that what a killed run left behind is known, and taken away by the next.
 */
export class Namespaces {
  readonly #name: string
  readonly #subnet: string
  readonly #count: number
  readonly #onExit = () => this.end()

  constructor(count: number) {
    sweep()
    const number = ++made
    this.#count = count
    this.#name = `kt-${process.pid}-${number}`
    this.#subnet = `10.${200 + (process.pid % 50)}.${(Math.floor(process.pid / 50) * 8 + number) % 256}`
    process.once('exit', this.#onExit)
    const bridge = this.#device('b')
    ip('link', 'add', bridge, 'type', 'bridge')
    ip('addr', 'add', `${this.address(254)}/24`, 'dev', bridge)
    ip('link', 'set', bridge, 'up')
    for (let host = 1; host <= count; host++) this.#add(host, bridge)
  }

  address(host: number): string {
    return `${this.#subnet}.${host}`
  }

  /** What to put before a command so that it runs on a host. */
  on(host: number): readonly string[] {
    return ['ip', 'netns', 'exec', this.#space(host)]
  }

  /** From now on nothing that `from` sends arrives at `to`. */
  block(from: number, to: number): void {
    ip('-n', this.#space(from), 'route', 'replace', 'blackhole', `${this.address(to)}/32`)
  }

  /** Nothing passes between a host and the others; this process still reaches all of them. */
  partition(host: number): void {
    for (const other of this.#others(host)) {
      this.block(host, other)
      this.block(other, host)
    }
  }

  /** Pulls the plug of a host: nothing reaches it, nor does it reach anything. */
  unplug(host: number): void {
    ip('link', 'set', this.#device(host), 'nomaster')
  }

  /** All is as it was at first. */
  heal(): void {
    for (let host = 1; host <= this.#count; host++) {
      ip('link', 'set', this.#device(host), 'master', this.#device('b'))
      ip('-n', this.#space(host), 'route', 'flush', 'type', 'blackhole')
    }
  }

  /** Takes it all away again; the processes in it should be gone. */
  end(): void {
    process.off('exit', this.#onExit)
    for (let host = 1; host <= this.#count; host++) spawnSync('ip', ['netns', 'del', this.#space(host)])
    spawnSync('ip', ['link', 'del', this.#device('b')])
  }

  #add(host: number, bridge: string): void {
    const [near, far, space] = [this.#device(host), this.#device(`${host}p`), this.#space(host)]
    ip('netns', 'add', space)
    ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far)
    ip('link', 'set', far, 'netns', space)
    ip('link', 'set', near, 'master', bridge, 'up')
    ip('-n', space, 'addr', 'add', `${this.address(host)}/24`, 'dev', far)
    for (const device of ['lo', far]) ip('-n', space, 'link', 'set', device, 'up')
  }

  #others(host: number): number[] {
    return Array.from({ length: this.#count }, (_, at) => at + 1).filter((other) => other !== host)
  }

  #space(host: number): string {
    return `${this.#name}-${host}`
  }

  /** Names of devices have 15 characters at most. */
  #device(part: number | string): string {
    return `${this.#name}${part}`.replaceAll('-', '')
  }
}

/** Takes away what processes that are gone have left. */
function sweep(): void {
  const gone = (pid: string | undefined) => pid !== undefined && !existsSync(`/proc/${pid}`)
  for (const line of ip('netns', 'list').split('\n')) {
    const [name = ''] = line.split(' ')
    if (gone(/^kt-(\d+)-\d+/.exec(name)?.[1])) spawnSync('ip', ['netns', 'del', name])
  }
}
