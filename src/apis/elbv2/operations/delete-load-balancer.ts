// Asks for the end of a load balancer: its listeners and rules go now, the rest when the controller has let go of it.

import type { DeleteLoadBalancerInput, DeleteLoadBalancerOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { OperationNotPermitted, ResourceInUse } from '../errors.ts'
import { checkedLoadBalancerArn } from '../model/arns.ts'
import { loadBalancerAttributes } from '../model/load-balancer-attributes.ts'
import { deleteListenerRow, listenersOf, loadBalancerByArn, loadBalancers, targetGroupsWithTarget } from '../tables.ts'

export const deleteLoadBalancer: Operation<DeleteLoadBalancerInput, DeleteLoadBalancerOutput> = async (input, call) => {
  const arn = checkedLoadBalancerArn(input.LoadBalancerArn, call.scope)
  await call.store.write(async (tx) => {
    const balancer = await loadBalancerByArn(tx, arn)
    // Deleting what is not there succeeds (the operation's own page says so).
    if (balancer === undefined) return
    if (loadBalancerAttributes(balancer).get('deletion_protection.enabled') === 'true') {
      throw OperationNotPermitted(`Load balancer '${arn}' cannot be deleted because deletion protection is enabled`)
    }
    if ((await targetGroupsWithTarget(tx, arn)).length > 0) {
      throw ResourceInUse(`Load balancer '${arn}' is registered as a target and cannot be deleted`)
    }
    for (const listener of await listenersOf(tx, arn)) await deleteListenerRow(tx, listener)
    await tx.put(loadBalancers, { ...balancer, spec: { ...balancer.spec, deleteRequested: true } })
  })
  return {}
}
