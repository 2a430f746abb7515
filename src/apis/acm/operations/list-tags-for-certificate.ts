// Shows the tags of a certificate.

import type { ListTagsForCertificateRequest, ListTagsForCertificateResponse } from '@aws-sdk/client-acm'
import type { Operation } from '#aws/operation.ts'
import { existingCertificate } from '../tables.ts'

export const listTagsForCertificate: Operation<ListTagsForCertificateRequest, ListTagsForCertificateResponse> = async (
  input,
  call,
) => {
  const row = await call.store.read((reader) => existingCertificate(reader, call.scope, input.CertificateArn))
  return { Tags: [...row.tags] }
}
