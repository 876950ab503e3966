/** Certificates out of files, checked before anything listens, and taken again when the files change. */

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { CancelTimer, Clock } from './base/clock.js'
import { asKeeperError, KeeperError } from './base/errors.js'
import { limits } from './base/limits.js'
import type { Logger } from './base/logger.js'
import type { Certificates } from './base/tls.js'

/** Names of files in PEM. */
export interface CertificateFiles {
  readonly cert: string
  readonly key: string
  readonly ca?: string
  /** Ask whoever connects for a certificate that `ca` signed. */
  readonly mutual: boolean
}

interface Pem {
  readonly cert: string
  readonly key: string
  readonly ca?: string
}

/** The certificates of one port. Whoever renews them writes the files; a keeper looks at them every `certificateCheckMs`. */
export class FileCertificates implements Certificates {
  readonly #files: CertificateFiles
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #listeners = new Set<() => void>()
  #pem: Pem
  #cancel: CancelTimer = () => {}
  #complaint = ''

  /** Throws E_INVALID_ARGUMENT for files that cannot be read, are none, or do not fit each other. */
  constructor(files: CertificateFiles, clock: Clock, logger: Logger) {
    this.#files = files
    this.#clock = clock
    this.#logger = logger
    this.#pem = readPem(files)
    this.#lookAgain()
  }

  get cert(): string {
    return this.#pem.cert
  }

  get key(): string {
    return this.#pem.key
  }

  get ca(): string | undefined {
    return this.#pem.ca
  }

  get mutual(): boolean {
    return this.#files.mutual
  }

  onRenewed(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#cancel()
  }

  #lookAgain(): void {
    this.#cancel = this.#clock.setTimer(limits.certificateCheckMs, () => {
      this.#look()
      this.#lookAgain()
    })
  }

  /** Files that are being written, or wrong, change nothing: the old certificates go on. */
  #look(): void {
    try {
      const pem = readPem(this.#files)
      this.#complaint = ''
      if (JSON.stringify(pem) === JSON.stringify(this.#pem)) return
      this.#pem = pem
      this.#logger.info({ until: new X509Certificate(pem.cert).validTo }, `${this.#files.cert}: a new certificate`)
      for (const listener of [...this.#listeners]) listener()
    } catch (thrown) {
      const { message } = asKeeperError(thrown)
      if (message !== this.#complaint) this.#logger.warn({}, `the old certificate goes on: ${message}`)
      this.#complaint = message
    }
  }
}

function readPem({ cert, key, ca }: CertificateFiles): Pem {
  const pem: Pem = { cert: readText(cert), key: readText(key), ...(ca === undefined ? {} : { ca: readText(ca) }) }
  checked(cert, () => new X509Certificate(pem.cert))
  if (ca !== undefined) checked(ca, () => new X509Certificate(pem.ca ?? ''))
  // also whether the key is the certificate's
  checked(key, () => createSecureContext(pem))
  return pem
}

const readText = (file: string): string => checked(file, () => readFileSync(file, 'utf8'))

function checked<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new KeeperError('E_INVALID_ARGUMENT', `${file}: no certificate or key to use: ${reason}`, {}, { cause })
  }
}
