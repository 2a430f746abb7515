// UpdateClusterSettings: Container Insights on or off for one cluster.

import type { UpdateClusterSettingsRequest, UpdateClusterSettingsResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import { describeCluster } from '../model/cluster.ts'
import { clusterSettingProblems, mergedSettings } from '../model/validation/cluster.ts'
import { firstOf } from '../model/validation/problem.ts'
import { activeCluster, clusterCounts, clusters } from '../tables.ts'

export const updateClusterSettings: Operation<UpdateClusterSettingsRequest, UpdateClusterSettingsResponse> = async (
  input,
  call,
) => {
  const problem = firstOf(clusterSettingProblems(input.settings))
  if (problem !== undefined) throw InvalidParameterException(problem)
  return call.store.write(async (tx) => {
    const cluster = await activeCluster(tx, call.scope, input.cluster)
    const updated = { ...cluster, settings: mergedSettings(cluster.settings, input.settings) }
    await tx.put(clusters, updated)
    return { cluster: describeCluster(updated, await clusterCounts(tx, updated.arn), ['SETTINGS', 'TAGS']) }
  })
}
