// Registers targets with a group; whether they are healthy, the controller finds out.

import type { RegisterTargetsInput, RegisterTargetsOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { TooManyTargets } from '../errors.ts'
import { TARGETS_PER_TARGET_GROUP } from '../model/limits.ts'
import { registeredTarget, TOO_MANY_TARGETS } from '../model/target.ts'
import { requestedTarget } from '../registration.ts'
import { existingTargetGroup, targetKey, targets, targetsOf } from '../tables.ts'

export const registerTargets: Operation<RegisterTargetsInput, RegisterTargetsOutput> = async (input, call) => {
  const now = call.clock.now().toISOString()
  await call.store.write(async (tx) => {
    const group = await existingTargetGroup(tx, call.scope, input.TargetGroupArn)
    const known = new Map((await targetsOf(tx, group.arn)).map((row) => [targetKey(row), row]))
    for (const description of input.Targets) {
      const wish = await requestedTarget(tx, group, description)
      const key = targetKey({ ...wish, targetGroupArn: group.arn })
      const before = known.get(key)
      // Registering again what is registered changes nothing, least of all its health.
      if (before !== undefined && before.spec.deregisteredAt === undefined) continue
      const row = registeredTarget(group, wish, now)
      known.set(key, row)
      await tx.put(targets, row)
    }
    const live = [...known.values()].filter(({ spec }) => spec.deregisteredAt === undefined)
    if (live.length > TARGETS_PER_TARGET_GROUP) {
      throw TooManyTargets(TOO_MANY_TARGETS)
    }
  })
  return {}
}
