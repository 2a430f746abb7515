// DescribeTaskSets: all task sets of a service, or those that are named.

import type { DescribeTaskSetsRequest, DescribeTaskSetsResponse, Failure, TaskSet } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { taskSetArnOf } from '../model/identifiers.ts'
import { describedTaskSet } from '../service-views.ts'
import { activeCluster, activeService, taskSetsOfService } from '../tables.ts'

export const describeTaskSets: Operation<DescribeTaskSetsRequest, DescribeTaskSetsResponse> = async (input, call) => {
  const tags = input.include?.includes('TAGS') ?? false
  return call.store.read(async (reader) => {
    const service = await activeService(reader, await activeCluster(reader, call.scope, input.cluster), input.service)
    const existing = await taskSetsOfService(reader, service.arn)
    const named =
      input.taskSets === undefined || input.taskSets.length === 0 ? existing.map(({ arn }) => arn) : input.taskSets
    const taskSets: TaskSet[] = []
    const failures: Failure[] = []
    for (const one of new Set(named)) {
      const arn = taskSetArnOf(service, one)
      const set = existing.find((candidate) => candidate.arn === arn)
      if (set === undefined) failures.push({ arn: arn ?? one, reason: 'MISSING' })
      else taskSets.push(await describedTaskSet(reader, service, set, { tags }))
    }
    return { taskSets, failures }
  })
}
