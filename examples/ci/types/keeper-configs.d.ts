// Made by `keeper types`: do not edit, make it again.
import type {} from '@keeper/sdk'

declare module '@keeper/sdk' {
  interface Configs {
    'push/room': {
      readonly maxConnections: number
      /** Unit: ms. */
      readonly timeout: number
    }
  }
}
