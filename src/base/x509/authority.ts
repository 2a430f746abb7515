// The instance's own certificate authority: a root that people may trust, and what it issues.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Random } from '../random.ts'
import { writeSecret } from '../secret-file.ts'
import { signedCertificate } from './certificate.ts'

export interface CertificateAuthority {
  /** The root's certificate in PEM: who trusts it trusts everything that is issued here. */
  readonly rootPem: string
  /** A server's certificate for these names, in PEM; valid from an hour ago. The first name is its subject. */
  issue(publicKey: KeyObject, names: readonly string[], days: number): string
}

const ORGANIZATION = 'Neargate'
const ROOT_DAYS = 3650
const DAY_MS = 86_400_000
/** Clocks differ: what was issued just now must be valid everywhere. */
const BACKDATED_MS = 3_600_000

interface Root {
  readonly pem: string
  readonly key: KeyObject
}

interface World {
  readonly clock: Clock
  readonly random: Random
}

/** The time so many milliseconds after another. */
const after = (start: Date, ms: number): Date => new Date(start.getTime() + ms)

/** RFC 5280 wants it positive and unguessable: 16 bytes, the first bit clear. */
const newSerial = (random: Random): Buffer => Buffer.from(`0${random.hex(31)}`, 'hex')

const newRoot = ({ clock, random }: World): Root => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = { organization: ORGANIZATION, commonName: `Neargate local authority ${random.hex(8)}` }
  const now = clock.now()
  const wish = {
    subject: name,
    issuer: name,
    serial: newSerial(random),
    notBefore: after(now, -BACKDATED_MS),
    notAfter: after(now, ROOT_DAYS * DAY_MS),
    publicKey,
    issuerPublicKey: publicKey,
    isAuthority: true,
    names: [],
  }
  return { pem: signedCertificate(wish, privateKey), key: privateKey }
}

const commonNameOf = (pem: string): string => /^CN=(.*)$/m.exec(new X509Certificate(pem).subject)?.[1] ?? ''

const authorityOf = (root: Root, { clock, random }: World): CertificateAuthority => {
  const issuer = { organization: ORGANIZATION, commonName: commonNameOf(root.pem) }
  const issuerPublicKey = createPublicKey(root.key)
  return {
    rootPem: root.pem,
    issue: (publicKey, names, days) => {
      const now = clock.now()
      const wish = {
        subject: { commonName: names[0] ?? '' },
        issuer,
        serial: newSerial(random),
        notBefore: after(now, -BACKDATED_MS),
        notAfter: after(now, days * DAY_MS),
        publicKey,
        issuerPublicKey,
        isAuthority: false,
        names,
      }
      return signedCertificate(wish, root.key)
    },
  }
}

/** An authority that is forgotten with the process. */
export const newAuthority = (world: World): CertificateAuthority => authorityOf(newRoot(world), world)

const textAt = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Where the root's certificate is, in a data directory. */
export const rootCertificatePath = (dataDir: string): string => join(dataDir, 'authority/root.pem')

/** The authority of this data directory; made when there is none. */
export const openAuthority = (dataDir: string, world: World): CertificateAuthority => {
  const paths = { pem: rootCertificatePath(dataDir), key: join(dataDir, 'authority/root.key') }
  const [pem, key] = [textAt(paths.pem), textAt(paths.key)]
  if (pem !== undefined && key !== undefined) return authorityOf({ pem, key: createPrivateKey(key) }, world)
  const root = newRoot(world)
  // The certificate is written last: where it is, the key is.
  writeSecret(paths.key, root.key.export({ type: 'pkcs8', format: 'pem' }).toString())
  writeSecret(paths.pem, root.pem)
  return authorityOf(root, world)
}
