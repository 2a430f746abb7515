// Issues a certificate at once: whoever asks here owns every name.

import type { RequestCertificateRequest, RequestCertificateResponse } from '@aws-sdk/client-acm'
import { certificateArn } from '#aws/arn.ts'
import type { Call, Operation } from '#aws/operation.ts'
import { recordedTime } from '#aws/time.ts'
import type { Reader } from '#store/store.ts'
import {
  InvalidArnException,
  InvalidDomainValidationOptionsException,
  InvalidParameterException,
  LimitExceededException,
} from '../errors.ts'
import { issued, validationOf } from '../issuing.ts'
import type { CertificateRecord } from '../model/certificate.ts'
import {
  CERTIFICATES_PER_REGION,
  FIRST_NAME_CHARACTERS,
  NAMES_PER_CERTIFICATE,
  TOKEN_SECONDS,
} from '../model/limits.ts'
import { tagged } from '../model/tags.ts'
import { certificates, certificatesOfScope } from '../tables.ts'

type Input = Parameters<typeof requestCertificate>[0]

const REQUESTABLE = ['RSA_2048', 'EC_prime256v1', 'EC_secp384r1']

const requestedNames = ({ DomainName, SubjectAlternativeNames = [] }: Input): string[] => {
  const names = [...new Set([DomainName, ...SubjectAlternativeNames].map((name) => name.toLowerCase()))]
  if (DomainName.length > FIRST_NAME_CHARACTERS) {
    throw InvalidDomainValidationOptionsException(
      `The first domain name can have a maximum of ${FIRST_NAME_CHARACTERS} characters.`,
    )
  }
  if (names.length > NAMES_PER_CERTIFICATE) {
    throw LimitExceededException(
      `Error: You have reached your limit of ${NAMES_PER_CERTIFICATE} domain names per certificate.`,
    )
  }
  return names
}

const checkSupported = (input: Input): void => {
  if (input.CertificateAuthorityArn !== undefined) {
    throw InvalidArnException(`The private certificate authority ${input.CertificateAuthorityArn} does not exist.`)
  }
  if (input.ValidationMethod === 'HTTP') throw InvalidParameterException('HTTP validation is not supported.')
  if (input.Options?.Export === 'ENABLED') throw InvalidParameterException('Exportable certificates are not supported.')
  if (input.KeyAlgorithm !== undefined && !REQUESTABLE.includes(input.KeyAlgorithm)) {
    throw InvalidParameterException(`The key algorithm ${input.KeyAlgorithm} is not supported for public certificates.`)
  }
}

/** A name may be proven by the mail of a domain above it only. */
const validationDomains = (input: Input, names: readonly string[]): ReadonlyMap<string, string> => {
  const chosen = new Map<string, string>()
  for (const { DomainName, ValidationDomain } of input.DomainValidationOptions ?? []) {
    const name = DomainName.toLowerCase()
    const base = name.replace(/^\*\./, '')
    const isAbove = base === ValidationDomain || base.endsWith(`.${ValidationDomain}`)
    if (!names.includes(name) || !isAbove) {
      throw InvalidDomainValidationOptionsException(
        `The domain validation option ${DomainName}, ${ValidationDomain} is not valid.`,
      )
    }
    chosen.set(name, ValidationDomain)
  }
  return chosen
}

const madeBefore = async (
  reader: Reader,
  call: Call,
  { IdempotencyToken: token }: Input,
  names: readonly string[],
): Promise<CertificateRecord | undefined> => {
  if (token === undefined) return undefined
  const all = await certificatesOfScope(reader, call.scope)
  const nowMs = call.clock.now().getTime()
  return all.find(
    (row) =>
      row.idempotencyToken === token &&
      JSON.stringify(row.names) === JSON.stringify(names) &&
      nowMs - recordedTime(row.createdAt).getTime() < TOKEN_SECONDS * 1000,
  )
}

export const requestCertificate: Operation<RequestCertificateRequest, RequestCertificateResponse> = async (
  input,
  call,
) => {
  const { scope } = call
  checkSupported(input)
  const names = requestedNames(input)
  const domains = validationDomains(input, names)
  const method = input.ValidationMethod === 'DNS' ? 'DNS' : 'EMAIL'
  const tags = tagged([], input.Tags ?? [])
  const earlier = await call.store.read((reader) => madeBefore(reader, call, input, names))
  if (earlier !== undefined) return { CertificateArn: earlier.arn }
  const arn = certificateArn(scope, call.random.uuid())
  const made: CertificateRecord = {
    arn,
    scope,
    type: 'AMAZON_ISSUED',
    domainName: names[0] ?? '',
    names,
    createdAt: call.clock.now().toISOString(),
    // A key takes long to make, and a transaction waits for nothing.
    ...(await issued(call, arn, names, input.KeyAlgorithm ?? 'RSA_2048')),
    validations: names.map((name) => validationOf(scope, name, method, domains.get(name))),
    transparencyLogging: input.Options?.CertificateTransparencyLoggingPreference ?? 'ENABLED',
    ...(input.IdempotencyToken === undefined ? {} : { idempotencyToken: input.IdempotencyToken }),
    tags,
  }
  return call.store.write(async (tx) => {
    // The same call may have been sent twice at once.
    const twin = await madeBefore(tx, call, input, names)
    if (twin !== undefined) return { CertificateArn: twin.arn }
    if ((await certificatesOfScope(tx, scope)).length >= CERTIFICATES_PER_REGION) {
      throw LimitExceededException(`Error: You have reached your limit of ${CERTIFICATES_PER_REGION} certificates.`)
    }
    await tx.put(certificates, made)
    return { CertificateArn: arn }
  })
}
