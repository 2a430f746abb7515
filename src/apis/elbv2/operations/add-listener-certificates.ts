// Adds certificates that a listener shows to clients that name their hosts.

import type {
  AddListenerCertificatesInput,
  AddListenerCertificatesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { InvalidConfigurationRequest } from '../errors.ts'
import { requestedCertificates } from '../model/requested-listener.ts'
import { existingListener, existingLoadBalancer, listeners } from '../tables.ts'
import { checkCertificateCount, checkCertificates } from '../traffic.ts'

export const addListenerCertificates: Operation<AddListenerCertificatesInput, AddListenerCertificatesOutput> = async (
  input,
  call,
) => {
  const arns = requestedCertificates(input.Certificates, call.scope)
  await call.store.write(async (tx) => {
    const listener = await existingListener(tx, call.scope, input.ListenerArn)
    const { spec } = listener
    if (spec.defaultCertificateArn === undefined) {
      throw InvalidConfigurationRequest(`Certificates cannot be added to ${spec.protocol} listeners`)
    }
    await checkCertificates(tx, arns)
    const certificateArns = [...new Set([...spec.certificateArns, ...arns])]
    await tx.put(listeners, { ...listener, spec: { ...spec, certificateArns } })
    await checkCertificateCount(tx, await existingLoadBalancer(tx, call.scope, listener.loadBalancerArn))
  })
  return { Certificates: arns.map((arn) => ({ CertificateArn: arn, IsDefault: false })) }
}
