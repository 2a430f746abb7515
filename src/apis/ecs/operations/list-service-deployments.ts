// ListServiceDeployments: a service's deployments, the newest first, by status and by when they were created.

import type { ListServiceDeploymentsRequest, ListServiceDeploymentsResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { pageOf } from '#aws/pages.ts'
import { describeDeploymentBrief } from '../model/describe-deployment.ts'
import { DEPLOYMENTS_PER_PAGE } from '../model/limits.ts'
import { paged } from '../paging.ts'
import { activeCluster, deploymentsOfService, serviceNamed } from '../tables.ts'

export const listServiceDeployments: Operation<ListServiceDeploymentsRequest, ListServiceDeploymentsResponse> = async (
  input,
  call,
) => {
  const { status = [], createdAt } = input
  const [before, after] = [createdAt?.before?.toISOString(), createdAt?.after?.toISOString()]
  return call.store.read(async (reader) => {
    const service = await serviceNamed(reader, await activeCluster(reader, call.scope, input.cluster), input.service)
    const filters = [service.arn, status, before, after]
    const options = paged(call, 'ListServiceDeployments', { maxResults: DEPLOYMENTS_PER_PAGE, ...input }, filters)
    const wanted = (await deploymentsOfService(reader, service.arn)).filter(
      (one) =>
        (status.length === 0 || status.includes(one.progress.state)) &&
        (before === undefined || one.createdAt < before) &&
        (after === undefined || one.createdAt > after),
    )
    const { items, ...more } = pageOf(wanted, {
      ...options,
      keyOf: (one) => `${one.createdAt} ${one.arn}`,
      descending: true,
    })
    return { serviceDeployments: items.map(describeDeploymentBrief), ...more }
  })
}
