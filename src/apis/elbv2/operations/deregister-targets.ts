// Asks for the end of targets' registrations; what is not registered is passed over.

import type { DeregisterTargetsInput, DeregisterTargetsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { checkTargetId, portOf } from '../registration.ts'
import { deregister, existingTargetGroup, targetKey, targets } from '../tables.ts'

export const deregisterTargets: Operation<DeregisterTargetsInput, DeregisterTargetsOutput> = async (input, call) => {
  const now = call.clock.now().toISOString()
  await call.store.write(async (tx) => {
    const group = await existingTargetGroup(tx, call.scope, input.TargetGroupArn)
    for (const description of input.Targets) {
      checkTargetId(group, description.Id)
      const port = portOf(group, description)
      const named = { targetGroupArn: group.arn, id: description.Id, ...(port === undefined ? {} : { port }) }
      const target = await tx.get(targets, targetKey(named))
      if (target !== undefined) await deregister(tx, target, now)
    }
  })
  return {}
}
