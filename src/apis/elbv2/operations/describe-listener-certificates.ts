// Shows the certificates of a listener, the default one first.

import type {
  DescribeListenerCertificatesInput,
  DescribeListenerCertificatesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { paged } from '../paging.ts'
import { existingListener } from '../tables.ts'

export const describeListenerCertificates: Operation<
  DescribeListenerCertificatesInput,
  DescribeListenerCertificatesOutput
> = async (input, call) => {
  const { arn, spec } = await call.store.read((reader) => existingListener(reader, call.scope, input.ListenerArn))
  // The default one may have been added as another one too: it is shown twice then, as AWS does.
  const all = [
    ...(spec.defaultCertificateArn === undefined ? [] : [{ certificate: spec.defaultCertificateArn, isDefault: true }]),
    ...spec.certificateArns.map((certificate) => ({ certificate, isDefault: false })),
  ]
  const request = ['DescribeListenerCertificates', arn]
  const { items, marker } = paged(all, input, request, (one) => `${one.isDefault ? 0 : 1} ${one.certificate}`)
  const Certificates = items.map((one) => ({ CertificateArn: one.certificate, IsDefault: one.isDefault }))
  return { Certificates, ...marker }
}
