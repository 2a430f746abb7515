// ListTasks: the ARNs of a cluster's tasks, by any filter; without one, of those that are wished to run.

import type { ListTasksRequest, ListTasksResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { lastPart } from '#aws/arn.ts'
import { pageToken } from '#aws/pages.ts'
import { InvalidParameterException } from '../errors.ts'
import { paged } from '../paging.ts'
import { activeCluster, matchingTasks, serviceNamed } from '../tables.ts'

export const listTasks: Operation<ListTasksRequest, ListTasksResponse> = async (input, call) => {
  const { desiredStatus = 'RUNNING', startedBy, family, serviceName, containerInstance, launchType } = input
  if (startedBy !== undefined && [family, serviceName, containerInstance].some((filter) => filter !== undefined)) {
    throw InvalidParameterException('startedBy can not be combined with family, serviceName or containerInstance.')
  }
  return call.store.read(async (reader) => {
    const cluster = await activeCluster(reader, call.scope, input.cluster)
    const filters = [cluster.name, desiredStatus, startedBy, family, serviceName, containerInstance, launchType]
    const { request, limit, after } = paged(call, 'ListTasks', input, filters)
    // PENDING is accepted and matches nothing, as ECS documents it; and no task of Fargate's is on an instance.
    const isOther = containerInstance !== undefined || (launchType !== undefined && launchType !== 'FARGATE')
    if (serviceName !== undefined) await serviceNamed(reader, cluster, serviceName)
    if (desiredStatus === 'PENDING' || isOther) return { taskArns: [] }
    const filter = {
      desiredStatus,
      startedBy,
      family,
      serviceName: serviceName === undefined ? undefined : lastPart(serviceName),
    }
    // One more than is shown tells whether another page follows.
    const found = await matchingTasks(reader, cluster.arn, filter, { after, limit: limit + 1 })
    const shown = found.slice(0, limit)
    const last = shown.at(-1)
    return {
      taskArns: shown.map(({ arn }) => arn),
      ...(found.length > limit && last !== undefined ? { nextToken: pageToken(request, last.arn) } : {}),
    }
  })
}
