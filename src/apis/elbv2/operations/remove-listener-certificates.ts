// Takes certificates from a listener; its default one stays.

import type {
  RemoveListenerCertificatesInput,
  RemoveListenerCertificatesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { OperationNotPermitted } from '../errors.ts'
import { requestedCertificates } from '../model/requested-listener.ts'
import { existingListener, listeners } from '../tables.ts'

export const removeListenerCertificates: Operation<
  RemoveListenerCertificatesInput,
  RemoveListenerCertificatesOutput
> = async (input, call) => {
  const arns = requestedCertificates(input.Certificates, call.scope)
  await call.store.write(async (tx) => {
    const listener = await existingListener(tx, call.scope, input.ListenerArn)
    const { spec } = listener
    if (spec.defaultCertificateArn !== undefined && arns.includes(spec.defaultCertificateArn)) {
      throw OperationNotPermitted('Default certificate cannot be removed')
    }
    const certificateArns = spec.certificateArns.filter((arn) => !arns.includes(arn))
    await tx.put(listeners, { ...listener, spec: { ...spec, certificateArns } })
  })
  return {}
}
