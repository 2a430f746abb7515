// Issues a certificate anew: the same ARN and names, a new key and a new end.

import type { RenewCertificateRequest } from '@aws-sdk/client-acm'
import type { Operation } from '#aws/operation.ts'
import { ValidationException } from '../errors.ts'
import { issued } from '../issuing.ts'
import { certificates, existingCertificate } from '../tables.ts'

export const renewCertificate: Operation<RenewCertificateRequest, {}> = async (input, call) => {
  const row = await call.store.read((reader) => existingCertificate(reader, call.scope, input.CertificateArn))
  if (row.type === 'IMPORTED') throw ValidationException(`The certificate ${row.arn} is not eligible for renewal.`)
  const renewed = await issued(call, row.arn, row.names, row.facts.keyAlgorithm)
  await call.store.write(async (tx) => {
    await tx.put(certificates, { ...(await existingCertificate(tx, call.scope, row.arn)), ...renewed })
  })
  return {}
}
