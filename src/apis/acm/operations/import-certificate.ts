// Takes in a certificate that someone else issued, with its key; also again, in the place of an earlier one.

import type { ImportCertificateRequest, ImportCertificateResponse } from '@aws-sdk/client-acm'
import { type CertificateArn, certificateArn } from '#aws/arn.ts'
import type { Operation } from '#aws/operation.ts'
import { LimitExceededException, ValidationException } from '../errors.ts'
import { factsOf, imported, isServable, keyText } from '../material.ts'
import { CERTIFICATES_PER_REGION } from '../model/limits.ts'
import { tagged } from '../model/tags.ts'
import { certificates, certificatesOfScope, existingCertificate } from '../tables.ts'

export const importCertificate: Operation<ImportCertificateRequest, ImportCertificateResponse> = async (
  input,
  call,
) => {
  const { scope } = call
  const now = call.clock.now()
  const { certificate, body, chain, key, names } = imported(input, now)
  const facts = factsOf(certificate)
  const given = input.CertificateArn
  if (given !== undefined && input.Tags !== undefined) {
    throw ValidationException('You cannot apply tags when reimporting a certificate.')
  }
  const tags = tagged([], input.Tags ?? [])
  const arn = (given ?? certificateArn(scope, call.random.uuid())) as CertificateArn
  await call.store.write(async (tx) => {
    const earlier = given === undefined ? undefined : await existingCertificate(tx, scope, given)
    if (earlier !== undefined && earlier.type !== 'IMPORTED') {
      throw ValidationException('Certificates that are not of type IMPORTED cannot be reimported.')
    }
    // (https://docs.aws.amazon.com/acm/latest/userguide/import-reimport.html)
    if (earlier !== undefined && earlier.facts.keyAlgorithm !== facts.keyAlgorithm) {
      throw ValidationException('The key type and size of a certificate cannot be changed when reimporting it.')
    }
    // A load balancer that shows it already could not show it any more.
    const next = { facts, body, names, ...(chain === undefined ? {} : { chain }) }
    if (earlier !== undefined && isServable(earlier) && !isServable(next)) {
      throw ValidationException(
        'The certificate must have a fully-qualified domain name, a supported signature, and a supported key size.',
      )
    }
    if (earlier === undefined && (await certificatesOfScope(tx, scope)).length >= CERTIFICATES_PER_REGION) {
      throw LimitExceededException(`Error: You have reached your limit of ${CERTIFICATES_PER_REGION} certificates.`)
    }
    await tx.put(certificates, {
      arn,
      scope,
      type: 'IMPORTED',
      domainName: names[0] ?? '',
      ...next,
      createdAt: earlier?.createdAt ?? now.toISOString(),
      issuedAt: now.toISOString(),
      sealedKey: call.vault.seal(keyText(key), arn),
      validations: [],
      transparencyLogging: 'DISABLED',
      tags: earlier?.tags ?? tags,
    })
  })
  return { CertificateArn: arn }
}
