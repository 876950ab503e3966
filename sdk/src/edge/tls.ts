import { type SecureContext, secureContext, type TlsFiles, tlsTrouble } from '@keeper/proto/wire'
import { KeeperClientError, messageOf } from '../errors.js'
import { limits } from '../limits.js'

/** What secures each new connection, out of files that somebody may renew. */
export class Security {
  readonly #files: TlsFiles | undefined
  #last: SecureContext | undefined

  /** Throws E_INVALID_ARGUMENT for files that cannot be used. */
  constructor(files: TlsFiles | undefined) {
    this.#files = files
    try {
      this.#last = files && secureContext(files)
    } catch (cause) {
      throw new KeeperClientError('E_INVALID_ARGUMENT', `tls: ${messageOf(cause)}`, {}, { cause })
    }
  }

  /** As the files are now; while they are being written, as they were. Undefined without any. */
  now(): { secureContext: SecureContext } | undefined {
    try {
      this.#last = this.#files && secureContext(this.#files)
    } catch {
      // as they were
    }
    return this.#last && { secureContext: this.#last }
  }
}

/**
 * An error of a connection does not tell a certificate that is not trusted from a keeper that is not there. So a connection that failed is
 * looked into behind its back, seldom, and the next failure says what was found. Endpoints that have answered are left
 * alone: keepers that have too much to do are not asked for more.
 */
export class TlsTroubles {
  readonly #files: TlsFiles | undefined
  readonly #found = new Map<string, string>()
  readonly #good = new Set<string>()
  readonly #lookedAt = new Map<string, number>()

  constructor(files: TlsFiles | undefined) {
    this.#files = files
  }

  /** It answers. */
  none(endpoint: string): void {
    this.#good.add(endpoint)
  }

  /** The error, or E_TLS when that is known to be why. */
  explain(endpoint: string, error: KeeperClientError | undefined): KeeperClientError | undefined {
    if (error?.code !== 'E_CONNECTION' || this.#good.has(endpoint)) return error
    this.#look(endpoint)
    const trouble = this.#found.get(endpoint)
    return trouble === undefined ? error : new KeeperClientError('E_TLS', trouble, { endpoint }, { cause: error })
  }

  #look(endpoint: string): void {
    const now = performance.now()
    if (now - (this.#lookedAt.get(endpoint) ?? Number.NEGATIVE_INFINITY) < limits.tlsLookEveryMs) return
    this.#lookedAt.set(endpoint, now)
    tlsTrouble(endpoint, this.#files, limits.connectTimeoutMs).then(
      (trouble) => {
        if (trouble === undefined) this.#found.delete(endpoint)
        else this.#found.set(endpoint, trouble)
      },
      // files that are being written
      () => {},
    )
  }
}
