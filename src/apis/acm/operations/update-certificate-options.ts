// Says whether a certificate is to be in public logs; here there are none, and the wish is kept and shown.

import type { UpdateCertificateOptionsRequest } from '@aws-sdk/client-acm'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import { certificates, existingCertificate } from '../tables.ts'

export const updateCertificateOptions: Operation<UpdateCertificateOptionsRequest, {}> = async (input, call) => {
  const { CertificateTransparencyLoggingPreference: wish, Export } = input.Options
  if (Export === 'ENABLED') throw InvalidParameterException('Exportable certificates are not supported.')
  await call.store.write(async (tx) => {
    const row = await existingCertificate(tx, call.scope, input.CertificateArn)
    await tx.put(certificates, { ...row, transparencyLogging: wish ?? row.transparencyLogging })
  })
  return {}
}
