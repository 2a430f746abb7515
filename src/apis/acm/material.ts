// Keys and certificates as bytes: makes pairs, reads what is imported, and refuses what does not fit together.

import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import type { KeyAlgorithm } from '@aws-sdk/client-acm'
import { ValidationException } from './errors.ts'
import type { CertificateFacts, CertificateRecord } from './model/certificate.ts'

const newPair = promisify(generateKeyPair)

const CURVES: Readonly<Record<string, KeyAlgorithm>> = {
  prime256v1: 'EC_prime256v1',
  secp384r1: 'EC_secp384r1',
  secp521r1: 'EC_secp521r1',
}

/** Off the event loop: a long RSA key takes the better part of a second. */
export const newKeyPair = async (
  algorithm: KeyAlgorithm,
): Promise<{ readonly publicKey: KeyObject; readonly privateKey: KeyObject }> => {
  const curve = Object.keys(CURVES).find((name) => CURVES[name] === algorithm)
  if (curve !== undefined) return newPair('ec', { namedCurve: curve })
  return newPair('rsa', { modulusLength: Number(algorithm.slice('RSA_'.length)) })
}

export const keyText = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()

const algorithmOf = (key: KeyObject): KeyAlgorithm => {
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
  const found = key.asymmetricKeyType === 'ec' ? CURVES[namedCurve] : `RSA_${modulusLength}`
  const isKnown = /^(RSA_(1024|2048|3072|4096)|EC_)/.test(found ?? '')
  if (found === undefined || !isKnown || !['rsa', 'ec'].includes(key.asymmetricKeyType ?? '')) {
    throw ValidationException('The private key is not supported.')
  }
  return found as KeyAlgorithm
}

const colons = (hex: string): string => (hex.toLowerCase().match(/../g) ?? []).join(':')

/** "CN=example.com,O=Example": as ACM writes the lines that node gives. */
const oneLine = (name: string): string => name.split('\n').toReversed().join(',')

const partOf = (name: string, part: string): string | undefined =>
  name
    .split('\n')
    .find((line) => line.startsWith(`${part}=`))
    ?.slice(part.length + 1)

/** node does not say how a certificate is signed: the identifier stands at the end of its DER, before the signature. */
const SIGNATURES: readonly (readonly [identifier: string, name: string])[] = [
  ['06092a864886f70d01010b', 'SHA256WITHRSA'],
  ['06092a864886f70d01010c', 'SHA384WITHRSA'],
  ['06092a864886f70d01010d', 'SHA512WITHRSA'],
  ['06092a864886f70d010105', 'SHA1WITHRSA'],
  ['06092a864886f70d01010a', 'RSASSA-PSS'],
  ['06082a8648ce3d040302', 'SHA256WITHECDSA'],
  ['06082a8648ce3d040303', 'SHA384WITHECDSA'],
  ['06082a8648ce3d040304', 'SHA512WITHECDSA'],
]

const signatureOf = (certificate: X509Certificate): string => {
  const hex = certificate.raw.toString('hex')
  const found = SIGNATURES.map(([identifier, name]) => ({ name, at: hex.lastIndexOf(identifier) }))
  return found.reduce((best, one) => (one.at > best.at ? one : best), { name: 'UNKNOWN', at: -1 }).name
}

/** What ACM shows of a certificate. Refuses keys that it does not take. */
export const factsOf = (certificate: X509Certificate): CertificateFacts => ({
  serial: colons(
    certificate.serialNumber.padStart(certificate.serialNumber.length + (certificate.serialNumber.length % 2), '0'),
  ),
  subject: oneLine(certificate.subject),
  issuer: partOf(certificate.issuer, 'O') ?? partOf(certificate.issuer, 'CN') ?? '',
  notBefore: certificate.validFromDate.toISOString(),
  notAfter: certificate.validToDate.toISOString(),
  keyAlgorithm: algorithmOf(certificate.publicKey),
  signatureAlgorithm: signatureOf(certificate),
})

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

const parsed = (pem: string): X509Certificate => {
  try {
    return new X509Certificate(pem)
  } catch {
    throw ValidationException(
      'The certificate body/chain provided is not in a valid PEM format, InternalFailure, or Unable to parse certificate. Please ensure the certificate is in PEM format.',
    )
  }
}

const importedKey = (pem: string): KeyObject => {
  if (/ENCRYPTED/.test(pem)) {
    throw ValidationException('The private key is encrypted. Please provide an unencrypted private key.')
  }
  try {
    return createPrivateKey(pem)
  } catch {
    throw ValidationException('The private key is not in a valid PEM format.')
  }
}

const namesOf = (certificate: X509Certificate): string[] => {
  const names = (certificate.subjectAltName ?? '').split(', ').filter((name) => name.startsWith('DNS:'))
  const first = partOf(certificate.subject, 'CN')
  const all = names.map((name) => name.slice('DNS:'.length))
  return [...new Set(first === undefined ? all : [first, ...all])]
}

const bytesText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

/** Each certificate is signed by the next one. */
const checkChain = (certificate: X509Certificate, chain: readonly X509Certificate[]): void => {
  const all = [certificate, ...chain]
  const isBroken = all.some((one, index) => {
    const issuer = all[index + 1]
    return issuer !== undefined && !(one.checkIssued(issuer) && one.verify(issuer.publicKey))
  })
  if (isBroken) throw ValidationException('Could not validate the certificate with the certificate chain.')
}

export interface Imported {
  readonly certificate: X509Certificate
  readonly body: string
  readonly chain?: string
  readonly key: KeyObject
  readonly names: readonly string[]
}

/** What a call brings along, if it fits together. `now`: whether it has expired. */
export const imported = (
  input: {
    readonly Certificate: Uint8Array
    readonly PrivateKey: Uint8Array
    readonly CertificateChain?: Uint8Array | undefined
  },
  now: Date,
): Imported => {
  const bodies = bytesText(input.Certificate).match(BLOCK) ?? []
  if (bodies.length > 1) {
    throw ValidationException(
      'The certificate field contains more than one certificate. You can specify only one certificate in this field.',
    )
  }
  const certificate = parsed(bodies[0] ?? '')
  const key = importedKey(bytesText(input.PrivateKey))
  // By the public half: checkPrivateKey throws for keys of another kind.
  if (!createPublicKey(key).equals(certificate.publicKey)) {
    throw ValidationException('The certificate and the private key do not match.')
  }
  if (certificate.validToDate <= now) throw ValidationException('The certificate that you are importing has expired.')
  if (certificate.validFromDate > now)
    throw ValidationException('The certificate that you are importing is not valid yet.')
  const links = input.CertificateChain === undefined ? [] : (bytesText(input.CertificateChain).match(BLOCK) ?? [''])
  checkChain(certificate, links.map(parsed))
  const text = (blocks: readonly string[]): string => `${blocks.join('\n')}\n`
  return {
    certificate,
    body: text(bodies),
    ...(links.length > 0 ? { chain: text(links) } : {}),
    key,
    names: namesOf(certificate),
  }
}

const WEAK_SIGNATURES = ['SHA1WITHRSA', 'UNKNOWN']

/** Whether a load balancer can show it: AWS refuses others, and OpenSSL does not load them. What signed itself is not judged by how. */
export const isServable = ({
  facts,
  body,
  chain = '',
  names,
}: Pick<CertificateRecord, 'facts' | 'body' | 'chain' | 'names'>): boolean => {
  const all = `${body}${chain}`.match(BLOCK) ?? []
  const isWeak = all
    .map((pem) => new X509Certificate(pem))
    .some((one) => !one.checkIssued(one) && WEAK_SIGNATURES.includes(signatureOf(one)))
  return facts.keyAlgorithm !== 'RSA_1024' && !isWeak && names.some((name) => name.includes('.'))
}
