// DeleteCluster: a cluster without services and live tasks becomes INACTIVE; its name can be used anew.

import type { DeleteClusterRequest, DeleteClusterResponse } from '@aws-sdk/client-ecs'
import { clusterArn } from '#aws/arn.ts'
import type { Operation } from '#aws/operation.ts'
import { ClusterContainsServicesException, ClusterContainsTasksException, ClusterNotFoundException } from '../errors.ts'
import { type ClusterRecord, describeCluster } from '../model/cluster.ts'
import { clusterNameOf } from '../model/identifiers.ts'
import { clusterByArn, clusterCounts, clusters, hasLiveTasks } from '../tables.ts'

export const deleteCluster: Operation<DeleteClusterRequest, DeleteClusterResponse> = async (input, call) => {
  const name = clusterNameOf(call.scope, input.cluster)
  return call.store.write(async (tx) => {
    const cluster = name === undefined ? undefined : await clusterByArn(tx, clusterArn(call.scope, name))
    if (cluster === undefined) throw ClusterNotFoundException('Cluster not found.')
    const { activeServices, drainingServices } = await clusterCounts(tx, cluster.arn)
    if (activeServices + drainingServices > 0) {
      throw ClusterContainsServicesException('The Cluster cannot be deleted while Services are active.')
    }
    if (await hasLiveTasks(tx, cluster.arn)) {
      throw ClusterContainsTasksException('The Cluster cannot be deleted while Tasks are active.')
    }
    const deleted: ClusterRecord = { ...cluster, status: 'INACTIVE' }
    await tx.put(clusters, deleted)
    return { cluster: describeCluster(deleted, await clusterCounts(tx, deleted.arn), ['SETTINGS', 'TAGS']) }
  })
}
