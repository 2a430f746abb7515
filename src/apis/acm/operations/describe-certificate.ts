// Shows a certificate: everything but its bytes and its key.

import type { DescribeCertificateRequest, DescribeCertificateResponse } from '@aws-sdk/client-acm'
import type { Operation } from '#aws/operation.ts'
import { loadBalancersWithCertificate } from '../../elbv2/tables.ts'
import { describeCertificate as describe } from '../model/certificate.ts'
import { existingCertificate } from '../tables.ts'

export const describeCertificate: Operation<DescribeCertificateRequest, DescribeCertificateResponse> = async (
  input,
  call,
) =>
  call.store.read(async (reader) => {
    const row = await existingCertificate(reader, call.scope, input.CertificateArn)
    const users = await loadBalancersWithCertificate(reader, row.arn)
    return { Certificate: describe(row, users, call.clock.now().toISOString()) }
  })
