// Tags a certificate.

import type { AddTagsToCertificateRequest } from '@aws-sdk/client-acm'
import type { Operation } from '#aws/operation.ts'
import { tagged } from '../model/tags.ts'
import { certificates, existingCertificate } from '../tables.ts'

export const addTagsToCertificate: Operation<AddTagsToCertificateRequest, {}> = async (input, call) => {
  await call.store.write(async (tx) => {
    const row = await existingCertificate(tx, call.scope, input.CertificateArn)
    await tx.put(certificates, { ...row, tags: tagged(row.tags, input.Tags) })
  })
  return {}
}
