// Under which names load balancers are found inside a VPC, and at which addresses. Pure.
// AWS: "DNS name" of Application and Network Load Balancers; a network load balancer has a name for each zone, too.

import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import type { VpcServicesPlan } from './vpc-services.ts'

const serves = ({ status: { state } }: LoadBalancerRecord): boolean => state === 'active' || state === 'active_impaired'

const WITHOUT_IPV4 = 'dualstack-without-public-ipv4'

/**
 * In its own VPC a load balancer is found at its private addresses, also an internet-facing one: AWS leads there by the
 * public addresses, by way of an internet gateway that a private subnet may lack. Elsewhere an internet-facing one has
 * its public addresses.
 */
const addressesFor = (vpcId: string, { vpcId: own, scheme, spec, status }: LoadBalancerRecord) => {
  const isPrivate = vpcId === own || scheme === 'internal'
  return status.addresses
    .filter(({ subnetId }) => spec.subnets.some((subnet) => subnet.subnetId === subnetId))
    .flatMap(({ availabilityZone, privateIp, publicIp, ipv6Address }) => {
      const { ipAddressType } = spec
      const inside = [
        ipAddressType === WITHOUT_IPV4 ? undefined : privateIp,
        ipAddressType === 'ipv4' ? undefined : ipv6Address,
      ]
      const shown = isPrivate ? inside : [publicIp]
      return shown.flatMap((address) => (address === undefined ? [] : [{ availabilityZone, address }]))
    })
}

/** What the resolver of that VPC answers for load balancers, whosever they are. */
export const loadBalancerNames = (vpcId: string, all: readonly LoadBalancerRecord[]): VpcServicesPlan['records'] => {
  const records: Record<string, readonly string[]> = {}
  for (const balancer of all) {
    const found = serves(balancer) && !balancer.spec.deleteRequested ? addressesFor(vpcId, balancer) : []
    if (found.length === 0) continue
    const name = balancer.dnsName.toLowerCase()
    records[name] = records[`dualstack.${name}`] = found.map(({ address }) => address)
    if (balancer.type === 'application') continue
    for (const { availabilityZone, address } of found) {
      const ofZone = `${availabilityZone}.${name}`
      records[ofZone] = [...(records[ofZone] ?? []), address]
    }
  }
  return records
}

/** Whether a change to the record may have changed what is answered. */
export const areNamesNews = (
  before: LoadBalancerRecord | undefined,
  after: LoadBalancerRecord | undefined,
): boolean => {
  const told = (row: LoadBalancerRecord | undefined): string =>
    row === undefined || !serves(row)
      ? ''
      : JSON.stringify([row.spec.subnets, row.spec.ipAddressType, row.spec.deleteRequested, row.status.addresses])
  return told(before) !== told(after)
}
