// PutRetentionPolicy: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html

import type { PutRetentionPolicyRequest } from '@aws-sdk/client-cloudwatch-logs'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import { RETENTION_DAYS } from '../model/limits.ts'
import { retained } from '../model/log-group.ts'
import { existingGroup, logGroups } from '../tables.ts'

export const putRetentionPolicy: Operation<PutRetentionPolicyRequest, {}> = async (input, { scope, store }) => {
  const { logGroupName, retentionInDays } = input
  if (!RETENTION_DAYS.includes(retentionInDays)) {
    throw InvalidParameterException(
      `1 validation error detected: Value '${retentionInDays}' at 'retentionInDays' failed to satisfy constraint: ` +
        `Member must satisfy enum value set: [${RETENTION_DAYS.join(', ')}]`,
    )
  }
  await store.write(async (tx) => {
    await tx.put(logGroups, retained(await existingGroup(tx, scope, logGroupName), retentionInDays))
  })
  return {}
}
