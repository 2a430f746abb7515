// ListClusters: the ARNs of the clusters that have not been deleted.

import type { ListClustersRequest, ListClustersResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { pageOf } from '#aws/pages.ts'
import { paged } from '../paging.ts'
import { clustersOfScope } from '../tables.ts'

export const listClusters: Operation<ListClustersRequest, ListClustersResponse> = async (input, call) => {
  const options = paged(call, 'ListClusters', input)
  const clusters = await call.store.read((reader) => clustersOfScope(reader, call.scope))
  const arns = clusters.filter(({ status }) => status !== 'INACTIVE').map(({ arn }) => arn)
  const { items, ...more } = pageOf(arns, { ...options, keyOf: (arn) => arn })
  return { clusterArns: items, ...more }
}
