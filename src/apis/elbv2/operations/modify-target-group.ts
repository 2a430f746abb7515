// Changes the health check of a target group.

import type { ModifyTargetGroupInput, ModifyTargetGroupOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { describeTargetGroup } from '../model/describe-target-group.ts'
import { requestedHealthCheck } from '../model/health-check.ts'
import { existingTargetGroup, loadBalancersOfGroup, targetGroups } from '../tables.ts'

export const modifyTargetGroup: Operation<ModifyTargetGroupInput, ModifyTargetGroupOutput> = async (input, call) =>
  call.store.write(async (tx) => {
    const group = await existingTargetGroup(tx, call.scope, input.TargetGroupArn)
    const healthCheck = requestedHealthCheck(group, input, group.spec.healthCheck)
    const changed = { ...group, spec: { ...group.spec, healthCheck } }
    await tx.put(targetGroups, changed)
    return { TargetGroups: [describeTargetGroup(changed, await loadBalancersOfGroup(tx, group.arn))] }
  })
