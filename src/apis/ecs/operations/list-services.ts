// ListServices: the ARNs of a cluster's services that have not been deleted.

import type { ListServicesRequest, ListServicesResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { pageOf } from '#aws/pages.ts'
import { SERVICES_PER_PAGE } from '../model/limits.ts'
import { paged } from '../paging.ts'
import { activeCluster, servicesInState } from '../tables.ts'

export const listServices: Operation<ListServicesRequest, ListServicesResponse> = async (input, call) => {
  const { launchType = 'FARGATE', schedulingStrategy = 'REPLICA', resourceManagementType = 'CUSTOMER' } = input
  const filters = [launchType, schedulingStrategy, resourceManagementType]
  return call.store.read(async (reader) => {
    const cluster = await activeCluster(reader, call.scope, input.cluster)
    const options = paged(call, 'ListServices', { maxResults: SERVICES_PER_PAGE, ...input }, [cluster.name, ...filters])
    // Every service here is one of replicas on Fargate, and its caller's own.
    const isAny = launchType === 'FARGATE' && schedulingStrategy === 'REPLICA' && resourceManagementType === 'CUSTOMER'
    const arns = isAny ? (await servicesInState(reader, cluster.arn, 'ACTIVE')).map(({ arn }) => arn) : []
    const { items, ...more } = pageOf(arns, { ...options, keyOf: (arn) => arn })
    return { serviceArns: items, ...more }
  })
}
