// How DescribeLoadBalancers shows a load balancer.

import type { AvailabilityZone, LoadBalancer, LoadBalancerAddress } from '@aws-sdk/client-elastic-load-balancing-v2'
import { recordedTime } from '#aws/time.ts'
import type { LoadBalancerRecord, SubnetWish } from './load-balancer.ts'
import { hostedZoneId } from './names.ts'

/** Only network load balancers have addresses that stay. */
const addressesIn = (balancer: LoadBalancerRecord, wish: SubnetWish): LoadBalancerAddress[] => {
  if (balancer.type !== 'network') return []
  const { allocationId, privateIp, ipv6Address } = wish
  const publicIp = balancer.status.addresses.find(({ subnetId }) => subnetId === wish.subnetId)?.publicIp
  if (allocationId === undefined && privateIp === undefined && ipv6Address === undefined) return []
  return [
    {
      ...(allocationId === undefined ? {} : { AllocationId: allocationId }),
      ...(allocationId === undefined || publicIp === undefined ? {} : { IpAddress: publicIp }),
      ...(privateIp === undefined ? {} : { PrivateIPv4Address: privateIp }),
      ...(ipv6Address === undefined ? {} : { IPv6Address: ipv6Address }),
    },
  ]
}

export const describeZones = (balancer: LoadBalancerRecord): AvailabilityZone[] =>
  balancer.spec.subnets.map((wish) => ({
    ZoneName: wish.availabilityZone,
    SubnetId: wish.subnetId,
    LoadBalancerAddresses: addressesIn(balancer, wish),
  }))

export const describeLoadBalancer = (balancer: LoadBalancerRecord): LoadBalancer => {
  const { spec, status, type } = balancer
  const isGrouped = type === 'application' || spec.securityGroupIds.length > 0
  return {
    LoadBalancerArn: balancer.arn,
    DNSName: balancer.dnsName,
    CanonicalHostedZoneId: hostedZoneId(balancer.scope.region, type),
    CreatedTime: recordedTime(balancer.createdAt),
    LoadBalancerName: balancer.name,
    Scheme: balancer.scheme,
    VpcId: balancer.vpcId,
    State: { Code: status.state, ...(status.reason === undefined ? {} : { Reason: status.reason }) },
    Type: type,
    AvailabilityZones: describeZones(balancer),
    ...(isGrouped ? { SecurityGroups: [...spec.securityGroupIds] } : {}),
    IpAddressType: spec.ipAddressType,
    ...(type === 'network' ? { EnablePrefixForIpv6SourceNat: 'off' as const } : {}),
    ...(type === 'network' && isGrouped
      ? { EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: spec.enforceGroupsOnPrivateLink ?? 'on' }
      : {}),
  }
}
