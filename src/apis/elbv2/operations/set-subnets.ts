// Moves a load balancer to other subnets of its VPC.

import type { SetSubnetsInput, SetSubnetsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { InvalidConfigurationRequest } from '../errors.ts'
import { describeZones } from '../model/describe-load-balancer.ts'
import { checkAddressesStay, checkIpAddressType, checkIpv6, checkSourceNat, requestedPlaces } from '../placement.ts'
import { existingLoadBalancer, loadBalancers } from '../tables.ts'
import { checkDatagrams } from '../traffic.ts'

export const setSubnets: Operation<SetSubnetsInput, SetSubnetsOutput> = async (input, call) => {
  checkSourceNat(input.EnablePrefixForIpv6SourceNat)
  const changed = await call.store.write(async (tx) => {
    const balancer = await existingLoadBalancer(tx, call.scope, input.LoadBalancerArn)
    const { spec } = balancer
    const { vpcId, subnets } = await requestedPlaces(tx, call.scope, input, balancer, spec.subnets)
    if (vpcId !== balancer.vpcId) {
      throw InvalidConfigurationRequest(`All subnets must belong to the same VPC: '${balancer.vpcId}'`)
    }
    checkAddressesStay(spec.subnets, subnets)
    const ipAddressType = input.IpAddressType ?? spec.ipAddressType
    checkIpAddressType(balancer, ipAddressType)
    await checkIpv6(tx, call.scope, ipAddressType, subnets)
    await checkDatagrams(tx, { ...balancer, spec: { ...spec, ipAddressType } })
    const next = { ...balancer, spec: { ...spec, subnets, ipAddressType } }
    await tx.put(loadBalancers, next)
    return next
  })
  return { AvailabilityZones: describeZones(changed), IpAddressType: changed.spec.ipAddressType }
}
