// Deletes a target group that no listener or rule sends requests to, and its registrations.

import type { DeleteTargetGroupInput, DeleteTargetGroupOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { ResourceInUse } from '../errors.ts'
import { checkedTargetGroupArn } from '../model/arns.ts'
import { loadBalancersOfGroup, targetGroupByArn, targetGroups, targetKey, targets, targetsOf } from '../tables.ts'

export const deleteTargetGroup: Operation<DeleteTargetGroupInput, DeleteTargetGroupOutput> = async (input, call) => {
  const arn = checkedTargetGroupArn(input.TargetGroupArn, call.scope)
  await call.store.write(async (tx) => {
    // Deleting what is not there succeeds.
    if ((await targetGroupByArn(tx, arn)) === undefined) return
    if ((await loadBalancersOfGroup(tx, arn)).length > 0) {
      throw ResourceInUse(`Target group '${arn}' is currently in use by a listener or a rule`)
    }
    for (const target of await targetsOf(tx, arn)) await tx.delete(targets, targetKey(target))
    await tx.delete(targetGroups, arn)
  })
  return {}
}
