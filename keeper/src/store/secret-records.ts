/** Records of secrets: sealed, and how texts name them. */

import type { Sealed } from '../base/sealing.js'

/** `/<ns>/secret/<name>`: a secret, sealed; its bytes stand nowhere else. */
export interface SecretRecord {
  readonly v: 1
  readonly sealed: Sealed
  /** How many values it has had. */
  readonly version: number
  readonly author: string
  readonly reason: string
  readonly wallMs: number
}

/** What is sealed of a secret: beside it a salt, so that no hash of a value with the secret can be guessed at. */
export interface SecretPlain {
  /** Base64, 16 bytes. */
  readonly salt: string
  readonly text: string
}

/** Where the text of a value stands for a secret; whoever uses it counts matches from the start. */
export const secretPlaceholder = /\$\{secret:([^{}]*)\}/g

/** What a secret may be called. */
export const isSecretName = (name: string): boolean => /^[a-z0-9](?:[a-z0-9._/-]{0,126}[a-z0-9])?$/i.test(name)

/** To what the bytes of a secret are bound. */
export const secretContext = (namespace: string, name: string): string => `secret ${namespace}/${name}`
