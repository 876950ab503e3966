import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Why there can be no certificates here; undefined when there can. */
export const noCertificates = (): string | undefined =>
  spawnSync('openssl', ['version']).status === 0 ? undefined : 'no openssl on the PATH'

export interface CertificateFiles {
  readonly cert: string
  readonly key: string
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']

/** An authority of its own, and what it signs for 127.0.0.1: files in PEM below `folder`. */
export class TestAuthority {
  readonly #folder: string
  readonly #name: string

  constructor(folder: string, name: string) {
    this.#folder = folder
    this.#name = name
    const subject = ['-subj', `/CN=${name}`, '-keyout', this.#file('key'), '-out', this.ca]
    openssl('req', '-x509', ...curve, ...subject)
  }

  get ca(): string {
    return this.#file('pem')
  }

  /** Signs a certificate for 127.0.0.1, or for another address. */
  sign(name: string, address = '127.0.0.1'): CertificateFiles {
    const file = (ending: string) => join(this.#folder, `${this.#name}-${name}.${ending}`)
    openssl('req', ...curve.slice(0, -2), '-subj', `/CN=${name}`, '-keyout', file('key'), '-out', file('csr'))
    writeFileSync(file('ext'), `subjectAltName=IP:${address}`)
    const by = ['-CA', this.ca, '-CAkey', this.#file('key'), '-CAcreateserial', '-days', '2']
    openssl('x509', '-req', '-in', file('csr'), ...by, '-extfile', file('ext'), '-out', file('pem'))
    return { cert: file('pem'), key: file('key') }
  }

  #file(ending: string): string {
    return join(this.#folder, `${this.#name}.${ending}`)
  }
}

const openssl = (...args: string[]): void => {
  execFileSync('openssl', args, { stdio: 'pipe' })
}
