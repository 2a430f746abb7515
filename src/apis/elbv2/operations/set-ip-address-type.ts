// Says which families of addresses clients may use.

import type { SetIpAddressTypeInput, SetIpAddressTypeOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { checkIpAddressType, checkIpv6 } from '../placement.ts'
import { existingLoadBalancer, loadBalancers } from '../tables.ts'
import { checkDatagrams } from '../traffic.ts'

export const setIpAddressType: Operation<SetIpAddressTypeInput, SetIpAddressTypeOutput> = async (input, call) => {
  const ipAddressType = input.IpAddressType
  await call.store.write(async (tx) => {
    const balancer = await existingLoadBalancer(tx, call.scope, input.LoadBalancerArn)
    checkIpAddressType(balancer, ipAddressType)
    await checkIpv6(tx, call.scope, ipAddressType, balancer.spec.subnets)
    const changed = { ...balancer, spec: { ...balancer.spec, ipAddressType } }
    await checkDatagrams(tx, changed)
    await tx.put(loadBalancers, changed)
  })
  return { IpAddressType: ipAddressType }
}
