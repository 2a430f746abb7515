// PutClusterCapacityProviders: replaces the providers associated with a cluster, and its default strategy.

import type { PutClusterCapacityProvidersRequest, PutClusterCapacityProvidersResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException, ResourceInUseException } from '../errors.ts'
import { capacityProviderProblems, fargateProvider, strategyProblems } from '../model/capacity.ts'
import { describeCluster } from '../model/cluster.ts'
import { firstOf } from '../model/validation/problem.ts'
import { activeCluster, clusterCounts, clusters, usesProvider } from '../tables.ts'

export const putClusterCapacityProviders: Operation<
  PutClusterCapacityProvidersRequest,
  PutClusterCapacityProvidersResponse
> = async (input, call) => {
  const problem = firstOf(capacityProviderProblems(input.capacityProviders))
  if (problem !== undefined) throw InvalidParameterException(problem)
  const capacityProviders = [...new Set(input.capacityProviders.flatMap((name) => fargateProvider(name) ?? []))]
  const strategy = input.defaultCapacityProviderStrategy
  const refused = firstOf(strategyProblems(strategy, capacityProviders))
  if (refused !== undefined) throw InvalidParameterException(refused)

  return call.store.write(async (tx) => {
    const cluster = await activeCluster(tx, call.scope, input.cluster)
    for (const removed of cluster.capacityProviders.filter(
      (name) => !capacityProviders.some((kept) => kept === name),
    )) {
      if (await usesProvider(tx, cluster.arn, removed)) {
        throw ResourceInUseException('The specified capacity provider is in use and cannot be removed.')
      }
    }
    const updated = { ...cluster, capacityProviders, defaultCapacityProviderStrategy: strategy }
    await tx.put(clusters, updated)
    return { cluster: describeCluster(updated, await clusterCounts(tx, updated.arn), ['SETTINGS', 'TAGS']) }
  })
}
