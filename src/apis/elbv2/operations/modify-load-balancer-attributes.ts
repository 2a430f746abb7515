// Changes attributes of a load balancer.

import type {
  ModifyLoadBalancerAttributesInput,
  ModifyLoadBalancerAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { describeAttributes } from '../model/attribute.ts'
import { loadBalancerAttributes, withLoadBalancerAttributes } from '../model/load-balancer-attributes.ts'
import { existingLoadBalancer, loadBalancers } from '../tables.ts'

export const modifyLoadBalancerAttributes: Operation<
  ModifyLoadBalancerAttributesInput,
  ModifyLoadBalancerAttributesOutput
> = async (input, call) => {
  const row = await call.store.write(async (tx) => {
    const balancer = await existingLoadBalancer(tx, call.scope, input.LoadBalancerArn)
    const changed = withLoadBalancerAttributes(balancer, input.Attributes)
    await tx.put(loadBalancers, changed)
    return changed
  })
  return { Attributes: describeAttributes(loadBalancerAttributes(row)) }
}
