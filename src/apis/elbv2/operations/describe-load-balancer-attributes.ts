// Shows all attributes of a load balancer.

import type {
  DescribeLoadBalancerAttributesInput,
  DescribeLoadBalancerAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { describeAttributes } from '../model/attribute.ts'
import { loadBalancerAttributes } from '../model/load-balancer-attributes.ts'
import { existingLoadBalancer } from '../tables.ts'

export const describeLoadBalancerAttributes: Operation<
  DescribeLoadBalancerAttributesInput,
  DescribeLoadBalancerAttributesOutput
> = async (input, call) => {
  const row = await call.store.read((reader) => existingLoadBalancer(reader, call.scope, input.LoadBalancerArn))
  return { Attributes: describeAttributes(loadBalancerAttributes(row)) }
}
