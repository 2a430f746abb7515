// Writes X.509 certificates (RFC 5280), signed with an elliptic-curve key and SHA-256.

import { createHash, type KeyObject, sign } from 'node:crypto'
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  objectId,
  octetString,
  sequence,
  setOf,
  time,
  utf8String,
} from './der.ts'

export interface Name {
  readonly organization?: string
  readonly commonName: string
}

export interface CertificateWish {
  readonly subject: Name
  readonly issuer: Name
  /** Big-endian, at most 20 bytes. */
  readonly serial: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
  readonly publicKey: KeyObject
  readonly issuerPublicKey: KeyObject
  /** True: it signs others, and nothing else. */
  readonly isAuthority: boolean
  /** DNS names; a wildcard is written "*.example.com". */
  readonly names: readonly string[]
}

const ECDSA_WITH_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'))

const nameOf = ({ organization, commonName }: Name): Buffer => {
  const part = (id: string, text: string): Buffer => setOf(sequence(objectId(id), utf8String(text)))
  return sequence(...(organization === undefined ? [] : [part('2.5.4.10', organization)]), part('2.5.4.3', commonName))
}

const publicBytes = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' })

/** Any text that differs where keys differ will do. */
const keyId = (key: KeyObject): Buffer => createHash('sha256').update(publicBytes(key)).digest().subarray(0, 20)

const extension = (id: string, isCritical: boolean, value: Uint8Array): Buffer =>
  sequence(objectId(id), ...(isCritical ? [boolean(true)] : []), octetString(value))

/** keyCertSign and cRLSign; or digitalSignature and keyEncipherment. */
const keyUsage = (isAuthority: boolean): Buffer =>
  isAuthority ? bitString(Buffer.from([0x06]), 1) : bitString(Buffer.from([0xa0]), 5)

const extensionsOf = (wish: CertificateWish): Buffer => {
  const parts = [
    extension('2.5.29.19', true, sequence(...(wish.isAuthority ? [boolean(true)] : []))),
    extension('2.5.29.15', true, keyUsage(wish.isAuthority)),
    extension('2.5.29.14', false, octetString(keyId(wish.publicKey))),
    extension('2.5.29.35', false, sequence(implicit(0, keyId(wish.issuerPublicKey)))),
  ]
  if (!wish.isAuthority) {
    const purposes = sequence(objectId('1.3.6.1.5.5.7.3.1'), objectId('1.3.6.1.5.5.7.3.2'))
    parts.push(extension('2.5.29.37', false, purposes))
  }
  if (wish.names.length > 0) {
    const names = wish.names.map((name) => implicit(2, Buffer.from(name, 'ascii')))
    parts.push(extension('2.5.29.17', false, sequence(...names)))
  }
  return explicit(3, sequence(...parts))
}

const pem = (label: string, bytes: Buffer): string => {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** The certificate in PEM. `signingKey` belongs to `issuerPublicKey` and is on a curve of NIST's. */
export const signedCertificate = (wish: CertificateWish, signingKey: KeyObject): string => {
  const content = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(wish.serial),
    ECDSA_WITH_SHA256,
    nameOf(wish.issuer),
    sequence(time(wish.notBefore), time(wish.notAfter)),
    nameOf(wish.subject),
    publicBytes(wish.publicKey),
    extensionsOf(wish),
  )
  const signature = sign('sha256', content, signingKey)
  return pem('CERTIFICATE', sequence(content, ECDSA_WITH_SHA256, bitString(signature)))
}
