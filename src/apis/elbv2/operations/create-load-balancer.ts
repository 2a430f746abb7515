// Records the wish for a load balancer; its controller makes the interfaces and starts to answer.

import type { CreateLoadBalancerInput, CreateLoadBalancerOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { loadBalancerArn } from '#aws/arn.ts'
import type { Call, Operation } from '#aws/operation.ts'
import type { Reader } from '#store/store.ts'
import { DuplicateLoadBalancerName, InvalidConfigurationRequest, TooManyLoadBalancers } from '../errors.ts'
import { describeLoadBalancer } from '../model/describe-load-balancer.ts'
import { APPLICATION_LOAD_BALANCERS, NETWORK_LOAD_BALANCERS } from '../model/limits.ts'
import {
  loadBalancerPath,
  type LoadBalancerRecord,
  type LoadBalancerSpec,
  type LoadBalancerType,
} from '../model/load-balancer.ts'
import { checkLoadBalancerName, newDnsName } from '../model/names.ts'
import { tagged } from '../model/tags.ts'
import { checkIpAddressType, checkIpv6, checkSourceNat, requestedGroups, requestedPlaces } from '../placement.ts'
import { loadBalancerNamed, loadBalancers, loadBalancersOfScope } from '../tables.ts'

type Input = Parameters<typeof createLoadBalancer>[0]

const requestedType = ({
  Type = 'application',
  CustomerOwnedIpv4Pool,
  IpamPools,
  EnablePrefixForIpv6SourceNat: prefix,
}: Input): LoadBalancerType => {
  if (Type === 'gateway') throw InvalidConfigurationRequest("Load balancers of type 'gateway' are not supported")
  if (CustomerOwnedIpv4Pool !== undefined || IpamPools !== undefined) {
    throw InvalidConfigurationRequest('Address pools are not supported')
  }
  checkSourceNat(prefix)
  return Type as LoadBalancerType
}

type Wish = Pick<LoadBalancerRecord, 'name' | 'type' | 'scheme' | 'vpcId' | 'spec'>

const sorted = (texts: readonly string[]): string => JSON.stringify(texts.toSorted())

const isSame = (one: LoadBalancerRecord, wish: Wish): boolean =>
  one.type === wish.type &&
  one.scheme === wish.scheme &&
  one.spec.ipAddressType === wish.spec.ipAddressType &&
  sorted(one.spec.securityGroupIds) === sorted(wish.spec.securityGroupIds) &&
  sorted(one.spec.subnets.map((subnet) => JSON.stringify(subnet))) ===
    sorted(wish.spec.subnets.map((subnet) => JSON.stringify(subnet)))

const checkCount = async (reader: Reader, call: Call, type: LoadBalancerType): Promise<void> => {
  const most = type === 'application' ? APPLICATION_LOAD_BALANCERS : NETWORK_LOAD_BALANCERS
  const all = await loadBalancersOfScope(reader, call.scope)
  if (all.filter((one) => one.type === type).length >= most) {
    throw TooManyLoadBalancers(`You have reached the maximum number of load balancers: ${most}`)
  }
}

/** `earlier`: the one of that name, which may be asked for once more. */
const requested = async (
  reader: Reader,
  call: Call,
  input: Input,
  type: LoadBalancerType,
  earlier: LoadBalancerRecord | undefined,
): Promise<Wish> => {
  const scheme = input.Scheme ?? 'internet-facing'
  const { vpcId, subnets } = await requestedPlaces(reader, call.scope, input, { type, scheme }, earlier?.spec.subnets)
  checkIpAddressType({ type, scheme }, input.IpAddressType ?? 'ipv4')
  await checkIpv6(reader, call.scope, input.IpAddressType ?? 'ipv4', subnets)
  const spec: LoadBalancerSpec = {
    subnets,
    securityGroupIds: await requestedGroups(reader, call.scope, input.SecurityGroups, { type, vpcId }),
    ipAddressType: input.IpAddressType ?? 'ipv4',
    attributes: {},
    deleteRequested: false,
  }
  return { name: input.Name, type, scheme, vpcId, spec }
}

const born = (wish: Wish, input: Input, call: Call): LoadBalancerRecord => {
  const id = call.random.hex(16)
  return {
    arn: loadBalancerArn(call.scope, loadBalancerPath({ ...wish, id })),
    scope: call.scope,
    ...wish,
    id,
    dnsName: newDnsName(call.scope, { ...wish, id }, call.random),
    createdAt: call.clock.now().toISOString(),
    tags: tagged([], input.Tags ?? []),
    status: { state: 'provisioning', addresses: [] },
  }
}

export const createLoadBalancer: Operation<CreateLoadBalancerInput, CreateLoadBalancerOutput> = async (input, call) => {
  checkLoadBalancerName(input.Name)
  const type = requestedType(input)
  const balancer = await call.store.write(async (tx) => {
    const earlier = await loadBalancerNamed(tx, call.scope, input.Name)
    const wish = await requested(tx, call, input, type, earlier)
    if (earlier !== undefined) {
      if (isSame(earlier, wish)) return earlier
      throw DuplicateLoadBalancerName(
        `A load balancer with the same name '${input.Name}' exists, but with different settings`,
      )
    }
    await checkCount(tx, call, type)
    const made = born(wish, input, call)
    await tx.put(loadBalancers, made)
    return made
  })
  return { LoadBalancers: [describeLoadBalancer(balancer)] }
}
