// For tests of listeners and their rules: a load balancer anew for each test, the APIs to ask, and actions.

import type * as acmSdk from '@aws-sdk/client-acm'
import type * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import { beforeEach } from 'vitest'
import { acm } from '#apis/acm/index.ts'
import type { Checked, Operations } from '#aws/operation.ts'
import { ask, vpc } from './balanced-vpc.ts'
import { asking } from './call.ts'

export { ask, vpc }
export let LoadBalancerArn: string
beforeEach(async () => {
  ;({ LoadBalancerArn } = await vpc.balancer())
})
export const askAcm = asking<Operations<typeof acmSdk>>(acm, () => vpc.call)

export const certificate = async (DomainName = 'example.test') =>
  (await askAcm('RequestCertificate', { DomainName, KeyAlgorithm: 'EC_prime256v1' })).CertificateArn!
export type Wish = Partial<Checked<sdk.CreateListenerInput>>
export type Action = Checked<sdk.Action>
export const fixed = (StatusCode = '200'): Action => ({ Type: 'fixed-response', FixedResponseConfig: { StatusCode } })
export const forwarding = (...arns: string[]): Action => ({
  Type: 'forward',
  ForwardConfig: { TargetGroups: arns.map((TargetGroupArn, index) => ({ TargetGroupArn, Weight: index })) },
})
