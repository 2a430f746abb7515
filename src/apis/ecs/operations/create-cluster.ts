// CreateCluster: a new cluster, or the active one of that name as it is.

import type { CreateClusterRequest, CreateClusterResponse } from '@aws-sdk/client-ecs'
import { clusterArn, rootArn } from '#aws/arn.ts'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import { effectiveValue } from '../model/account-setting.ts'
import { type ClusterRecord, describeCluster } from '../model/cluster.ts'
import { DEFAULT_CLUSTER } from '../model/identifiers.ts'
import { clusterProblems, mergedSettings } from '../model/validation/cluster.ts'
import { firstOf } from '../model/validation/problem.ts'
import { clusterByArn, clusterCounts, clusters, settingsOfScope } from '../tables.ts'

export const createCluster: Operation<CreateClusterRequest, CreateClusterResponse> = async (input, call) => {
  const { scope, caller } = call
  const problem = firstOf(clusterProblems(input))
  if (problem !== undefined) throw InvalidParameterException(problem)
  const name = input.clusterName ?? DEFAULT_CLUSTER
  const arn = clusterArn(scope, name)
  const createdAt = call.clock.now().toISOString()

  return call.store.write(async (tx) => {
    const existing = await clusterByArn(tx, arn)
    if (existing?.status === 'ACTIVE') {
      const counts = await clusterCounts(tx, arn)
      return { cluster: describeCluster(existing, counts, ['SETTINGS', 'TAGS', 'CONFIGURATIONS']) }
    }
    const insights = effectiveValue('containerInsights', await settingsOfScope(tx, scope), caller.arn, rootArn(scope))
    const cluster: ClusterRecord = {
      arn,
      scope,
      name,
      status: 'ACTIVE',
      settings: mergedSettings([{ name: 'containerInsights', value: insights }], input.settings ?? []),
      ...(input.configuration === undefined ? {} : { configuration: input.configuration }),
      ...(input.serviceConnectDefaults === undefined ? {} : { serviceConnectDefaults: input.serviceConnectDefaults }),
      capacityProviders: input.capacityProviders ?? [],
      defaultCapacityProviderStrategy: input.defaultCapacityProviderStrategy ?? [],
      tags: input.tags ?? [],
      createdAt,
    }
    await tx.put(clusters, cluster)
    const counts = await clusterCounts(tx, arn)
    return { cluster: describeCluster(cluster, counts, ['SETTINGS', 'TAGS', 'CONFIGURATIONS']) }
  })
}
