// Gives a certificate and its issuers, in PEM; never its key.

import type { GetCertificateRequest, GetCertificateResponse } from '@aws-sdk/client-acm'
import type { Operation } from '#aws/operation.ts'
import { existingCertificate } from '../tables.ts'

export const getCertificate: Operation<GetCertificateRequest, GetCertificateResponse> = async (input, call) => {
  const row = await call.store.read((reader) => existingCertificate(reader, call.scope, input.CertificateArn))
  return { Certificate: row.body, ...(row.chain === undefined ? {} : { CertificateChain: row.chain }) }
}
