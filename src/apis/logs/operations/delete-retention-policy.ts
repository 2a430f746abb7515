// DeleteRetentionPolicy: events of the group are kept for ever from now on.

import type { DeleteRetentionPolicyRequest } from '@aws-sdk/client-cloudwatch-logs'
import type { Operation } from '#aws/operation.ts'
import { retained } from '../model/log-group.ts'
import { existingGroup, logGroups } from '../tables.ts'

export const deleteRetentionPolicy: Operation<DeleteRetentionPolicyRequest, {}> = async (input, { scope, store }) => {
  await store.write(async (tx) => {
    await tx.put(logGroups, retained(await existingGroup(tx, scope, input.logGroupName)))
  })
  return {}
}
