// Deletes a certificate that no listener shows.

import type { DeleteCertificateRequest } from '@aws-sdk/client-acm'
import type { Operation } from '#aws/operation.ts'
import { loadBalancersWithCertificate } from '../../elbv2/tables.ts'
import { ResourceInUseException } from '../errors.ts'
import { certificates, existingCertificate } from '../tables.ts'

export const deleteCertificate: Operation<DeleteCertificateRequest, {}> = async (input, call) => {
  await call.store.write(async (tx) => {
    const { arn } = await existingCertificate(tx, call.scope, input.CertificateArn)
    if ((await loadBalancersWithCertificate(tx, arn)).length > 0) {
      throw ResourceInUseException(`Certificate ${arn} in account ${call.scope.account} is in use.`)
    }
    await tx.delete(certificates, arn)
  })
  return {}
}
