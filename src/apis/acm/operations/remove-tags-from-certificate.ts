// Takes tags from a certificate.

import type { RemoveTagsFromCertificateRequest } from '@aws-sdk/client-acm'
import type { Operation } from '#aws/operation.ts'
import { untagged } from '../model/tags.ts'
import { certificates, existingCertificate } from '../tables.ts'

export const removeTagsFromCertificate: Operation<RemoveTagsFromCertificateRequest, {}> = async (input, call) => {
  await call.store.write(async (tx) => {
    const row = await existingCertificate(tx, call.scope, input.CertificateArn)
    await tx.put(certificates, { ...row, tags: untagged(row.tags, input.Tags) })
  })
  return {}
}
