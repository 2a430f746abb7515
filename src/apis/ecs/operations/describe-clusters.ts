// DescribeClusters: up to a hundred clusters, with what the caller asks to be included.

import type { Cluster, DescribeClustersRequest, DescribeClustersResponse, Failure } from '@aws-sdk/client-ecs'
import { clusterArn } from '#aws/arn.ts'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import { describeCluster } from '../model/cluster.ts'
import { clusterNameOf, DEFAULT_CLUSTER } from '../model/identifiers.ts'
import { CLUSTERS_PER_DESCRIBE } from '../model/limits.ts'
import { clusterByArn, clusterCounts } from '../tables.ts'

export const describeClusters: Operation<DescribeClustersRequest, DescribeClustersResponse> = async (input, call) => {
  const { scope } = call
  const named = input.clusters === undefined || input.clusters.length === 0 ? [DEFAULT_CLUSTER] : input.clusters
  if (named.length > CLUSTERS_PER_DESCRIBE) {
    throw InvalidParameterException(`clusters can have at most ${CLUSTERS_PER_DESCRIBE} items.`)
  }
  return call.store.read(async (reader) => {
    const clusters: Cluster[] = []
    const failures: Failure[] = []
    for (const one of named) {
      const name = clusterNameOf(scope, one)
      const cluster = name === undefined ? undefined : await clusterByArn(reader, clusterArn(scope, name))
      if (cluster !== undefined) {
        clusters.push(describeCluster(cluster, await clusterCounts(reader, cluster.arn), input.include))
      } else {
        failures.push({ arn: one.startsWith('arn:') ? one : clusterArn(scope, one), reason: 'MISSING' })
      }
    }
    return { clusters, failures }
  })
}
