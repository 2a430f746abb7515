// Whose access key is this: the question the server asks of whoever keeps access keys.

import type { Caller } from '#aws/operation.ts'

export interface Credential {
  readonly secret: string
  readonly caller: Caller
  /** Set for temporary credentials: the request must carry the same token. */
  readonly sessionToken?: string
  /** Temporary credentials end; undefined for those that do not. */
  readonly expiresAt?: Date
}

export interface CredentialSource {
  /** Undefined when nobody has that key (or no longer). Called for every request: it should answer from memory. */
  find(accessKeyId: string): Promise<Credential | undefined>
}
