// A certificate as a record. What a client may know of it is in clear; its private key is sealed.

import type { CertificateDetail, CertificateSummary, DomainValidation, KeyAlgorithm } from '@aws-sdk/client-acm'
import type { CertificateArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import { recordedTime } from '#aws/time.ts'
import { NAMES_SHOWN } from './limits.ts'

export interface TagRecord {
  readonly Key: string
  readonly Value?: string
}

/** What is in an issued certificate. */
export interface CertificateFacts {
  /** Colon-separated hexadecimal. */
  readonly serial: string
  /** e.g. "CN=example.com" */
  readonly subject: string
  /** The issuer's common name, or its organization where it has none. */
  readonly issuer: string
  /** These two: ISO 8601. */
  readonly notBefore: string
  readonly notAfter: string
  readonly keyAlgorithm: KeyAlgorithm
  /** e.g. "SHA256WITHRSA" */
  readonly signatureAlgorithm: string
}

/** How the owner of a name would prove it; nobody asks here. */
export interface NameValidation {
  readonly name: string
  readonly method: 'DNS' | 'EMAIL'
  /** Where DNS proves it: a CNAME of this name with this value. */
  readonly recordName?: string
  readonly recordValue?: string
  /** Where mail proves it: the domain that is written to. */
  readonly validationDomain?: string
}

export interface CertificateRecord {
  readonly arn: CertificateArn
  readonly scope: Scope
  readonly type: 'AMAZON_ISSUED' | 'IMPORTED'
  /** The first name, and all of them with it. */
  readonly domainName: string
  readonly names: readonly string[]
  /** ISO 8601; of issuing, or of the last import. */
  readonly createdAt: string
  readonly issuedAt: string
  readonly facts: CertificateFacts
  /** PEM. */
  readonly body: string
  /** PEM of the issuers, without the certificate itself; absent for one that signed itself. */
  readonly chain?: string
  /** The private key in PEM, as PKCS #8, sealed by the vault for `arn`. */
  readonly sealedKey: string
  readonly validations: readonly NameValidation[]
  readonly transparencyLogging: 'ENABLED' | 'DISABLED'
  readonly idempotencyToken?: string
  readonly tags: readonly TagRecord[]
}

const MAILBOXES = ['administrator', 'hostmaster', 'postmaster', 'webmaster', 'admin']

const describeValidation = (one: NameValidation): DomainValidation => ({
  DomainName: one.name,
  ValidationStatus: 'SUCCESS',
  ValidationMethod: one.method,
  ...(one.recordName === undefined || one.recordValue === undefined
    ? {}
    : { ResourceRecord: { Name: one.recordName, Type: 'CNAME' as const, Value: one.recordValue } }),
  ...(one.validationDomain === undefined
    ? {}
    : {
        ValidationDomain: one.validationDomain,
        ValidationEmails: MAILBOXES.map((mailbox) => `${mailbox}@${one.validationDomain}`),
      }),
})

/** `now` is ISO 8601. */
const statusOf = ({ facts }: CertificateRecord, now: string): 'ISSUED' | 'EXPIRED' =>
  facts.notAfter <= now ? 'EXPIRED' : 'ISSUED'

const KEY_USAGES = ['DIGITAL_SIGNATURE', 'KEY_ENCIPHERMENT'] as const
const EXTENDED_KEY_USAGES = [
  { Name: 'TLS_WEB_SERVER_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.1' },
  { Name: 'TLS_WEB_CLIENT_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.2' },
] as const

/** The names that AWS gives algorithms have underscores when it lists them and hyphens when it describes one. */
const described = (algorithm: KeyAlgorithm): KeyAlgorithm =>
  (algorithm.startsWith('RSA') ? algorithm.replace('_', '-') : algorithm) as KeyAlgorithm

/** `inUseBy`: the ARNs of what shows the certificate to clients. */
export const describeCertificate = (
  record: CertificateRecord,
  inUseBy: readonly string[],
  now: string,
): CertificateDetail => {
  const { facts, type } = record
  const isOurs = type === 'AMAZON_ISSUED'
  return {
    CertificateArn: record.arn,
    DomainName: record.domainName,
    SubjectAlternativeNames: [...record.names],
    ...(isOurs ? { DomainValidationOptions: record.validations.map(describeValidation) } : {}),
    Serial: facts.serial,
    Subject: facts.subject,
    Issuer: facts.issuer,
    CreatedAt: recordedTime(record.createdAt),
    ...(isOurs ? { IssuedAt: recordedTime(record.issuedAt) } : { ImportedAt: recordedTime(record.issuedAt) }),
    Status: statusOf(record, now),
    NotBefore: recordedTime(facts.notBefore),
    NotAfter: recordedTime(facts.notAfter),
    KeyAlgorithm: described(facts.keyAlgorithm),
    SignatureAlgorithm: facts.signatureAlgorithm,
    InUseBy: [...inUseBy],
    Type: type,
    ...(isOurs
      ? {
          KeyUsages: KEY_USAGES.map((Name) => ({ Name })),
          ExtendedKeyUsages: EXTENDED_KEY_USAGES.map((usage) => ({ ...usage })),
        }
      : {}),
    RenewalEligibility: 'INELIGIBLE',
    Options: { CertificateTransparencyLoggingPreference: record.transparencyLogging },
  }
}

export const summarizeCertificate = (record: CertificateRecord, isInUse: boolean, now: string): CertificateSummary => {
  const { facts, type } = record
  const isOurs = type === 'AMAZON_ISSUED'
  return {
    CertificateArn: record.arn,
    DomainName: record.domainName,
    SubjectAlternativeNameSummaries: record.names.slice(0, NAMES_SHOWN),
    HasAdditionalSubjectAlternativeNames: record.names.length > NAMES_SHOWN,
    Status: statusOf(record, now),
    Type: type,
    KeyAlgorithm: described(facts.keyAlgorithm),
    ...(isOurs ? { KeyUsages: [...KEY_USAGES], ExtendedKeyUsages: EXTENDED_KEY_USAGES.map(({ Name }) => Name) } : {}),
    InUse: isInUse,
    RenewalEligibility: 'INELIGIBLE',
    NotBefore: recordedTime(facts.notBefore),
    NotAfter: recordedTime(facts.notAfter),
    CreatedAt: recordedTime(record.createdAt),
    ...(isOurs ? { IssuedAt: recordedTime(record.issuedAt) } : { ImportedAt: recordedTime(record.issuedAt) }),
  }
}
