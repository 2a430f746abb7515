// Seals secrets before they are stored: what is in the store or a backup of it is of no use without the key file.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeSecret } from './secret-file.ts'

export interface Vault {
  /** `owner` names what the secret belongs to, e.g. its row's ARN: sealed for one, it opens for no other. */
  seal(secret: string, owner: string): string
  /** Throws when the text was sealed with another key or for another owner, or was changed. */
  open(sealed: string, owner: string): string
}

const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Says how it was sealed, should that ever change. */
const VERSION = 'v1.'

/** `key`: 32 bytes. */
export const vaultWith = (key: Uint8Array): Vault => ({
  seal: (secret, owner) => {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(owner))
    const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
    return VERSION + Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url')
  },
  open: (sealed, owner) => {
    if (!sealed.startsWith(VERSION)) throw new Error('a secret was sealed in a way that is not known')
    const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url')
    const nonce = bytes.subarray(0, NONCE_BYTES)
    const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
    const text = bytes.subarray(NONCE_BYTES + TAG_BYTES)
    try {
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(owner))
        .setAuthTag(tag)
      return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8')
    } catch (cause) {
      throw new Error(`the secret of ${owner} does not open: another key, another owner, or changed`, { cause })
    }
  },
})

/** A vault that is forgotten with the process. */
export const newVault = (): Vault => vaultWith(randomBytes(KEY_BYTES))

const keyAt = (path: string): Buffer | undefined => {
  try {
    return Buffer.from(readFileSync(path, 'utf8').trim(), 'hex')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** The vault of a data directory, its key beside the store; made when there is none. */
export const openVault = (dataDir: string): Vault => {
  const path = join(dataDir, 'vault.key')
  let key = keyAt(path)
  if (key === undefined) {
    key = randomBytes(KEY_BYTES)
    writeSecret(path, `${key.toString('hex')}\n`)
  }
  if (key.length !== KEY_BYTES) throw new Error(`${path} must hold ${KEY_BYTES} bytes in hexadecimal`)
  return vaultWith(key)
}
