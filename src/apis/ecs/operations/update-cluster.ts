// UpdateCluster: settings, the configuration of ECS Exec and storage, and the namespace of Service Connect.

import type { UpdateClusterRequest, UpdateClusterResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import { type ClusterRecord, describeCluster } from '../model/cluster.ts'
import { clusterSettingProblems, configurationProblems, mergedSettings } from '../model/validation/cluster.ts'
import { firstOf } from '../model/validation/problem.ts'
import { activeCluster, clusterCounts, clusters } from '../tables.ts'

export const updateCluster: Operation<UpdateClusterRequest, UpdateClusterResponse> = async (input, call) => {
  const { settings = [], configuration, serviceConnectDefaults } = input
  const problem = firstOf(clusterSettingProblems(settings), configurationProblems(configuration))
  if (problem !== undefined) throw InvalidParameterException(problem)
  return call.store.write(async (tx) => {
    const cluster = await activeCluster(tx, call.scope, input.cluster)
    const updated: ClusterRecord = {
      ...cluster,
      settings: mergedSettings(cluster.settings, settings),
      ...(configuration === undefined ? {} : { configuration: { ...cluster.configuration, ...configuration } }),
      ...(serviceConnectDefaults === undefined ? {} : { serviceConnectDefaults }),
    }
    await tx.put(clusters, updated)
    const counts = await clusterCounts(tx, updated.arn)
    return { cluster: describeCluster(updated, counts, ['SETTINGS', 'CONFIGURATIONS', 'TAGS']) }
  })
}
