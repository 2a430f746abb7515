// What an answer shows of a service, gathered from the tables.

import type { Service, ServiceDeployment, TaskSet } from '@aws-sdk/client-ecs'
import type { Reader } from '#store/store.ts'
import { type CountedRevision, describeDeployment } from './model/describe-deployment.ts'
import { describeService, describeTaskSet, type ServiceView } from './model/describe-service.ts'
import type { ServiceDeploymentRecord } from './model/service-deployment.ts'
import type { ServiceRecord } from './model/service.ts'
import type { TaskSetRecord } from './model/task-set.ts'
import { newestEvents, revisionsOfService, serviceRevisions, taskCounts, taskSetsOfService } from './tables.ts'

/** A revision is no history yet while it is the primary one, is to have tasks, or still has some. */
export const liveRevisions = async (reader: Reader, service: ServiceRecord): Promise<ServiceView['revisions']> => {
  // AWS shows no deployments of a service that is INACTIVE.
  if (service.status.state === 'INACTIVE') return []
  const all = await revisionsOfService(reader, service.arn)
  const counted = await Promise.all(
    all.map(async (revision) => ({ revision, ...(await taskCounts(reader, revision.arn)) })),
  )
  const isPrimary = ({ revision }: (typeof counted)[number]): boolean =>
    revision.arn === service.status.primaryRevisionArn
  return counted
    .filter((one) => isPrimary(one) || one.revision.rollout.desiredCount > 0 || one.running + one.pending > 0)
    .sort(
      (a, b) => Number(isPrimary(b)) - Number(isPrimary(a)) || (a.revision.createdAt < b.revision.createdAt ? 1 : -1),
    )
}

export const describedTaskSet = async (
  reader: Reader,
  service: ServiceRecord,
  set: TaskSetRecord,
  options: { readonly tags: boolean },
): Promise<TaskSet> => describeTaskSet(service, set, await taskCounts(reader, set.arn), options)

export const describedDeployment = async (
  reader: Reader,
  deployment: ServiceDeploymentRecord,
): Promise<ServiceDeployment> => {
  const { sourceRevisionArns, targetRevisionArn } = deployment.spec
  const counted = new Map<string, CountedRevision>()
  for (const arn of [...sourceRevisionArns, targetRevisionArn]) {
    const revision = await reader.get(serviceRevisions, arn)
    if (revision !== undefined) counted.set(arn, { revision, ...(await taskCounts(reader, arn)) })
  }
  return describeDeployment(deployment, (arn) => counted.get(arn))
}

export const describedService = async (
  reader: Reader,
  service: ServiceRecord,
  options: { readonly tags: boolean },
): Promise<Service> => {
  const sets = await taskSetsOfService(reader, service.arn)
  return describeService({
    service,
    revisions: await liveRevisions(reader, service),
    taskSets: await Promise.all(sets.map(async (set) => ({ set, ...(await taskCounts(reader, set.arn)) }))),
    events: await newestEvents(reader, service),
    tags: options.tags,
  })
}
