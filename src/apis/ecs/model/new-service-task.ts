// A service's task at its birth: made from a revision or a task set, and marked as theirs.

import type { Random } from '#base/random.ts'
import type { FargateProvider } from './capacity.ts'
import type { ClusterRecord } from './cluster.ts'
import { newTask, newTaskTags } from './new-task.ts'
import { loadBalancersOf } from './revision-targets.ts'
import { deploymentIdOf, type RevisionTemplate, type ServiceRevisionRecord } from './service-revision.ts'
import type { ServiceRecord } from './service.ts'
import type { TaskDefinitionRecord } from './task-definition.ts'
import type { TaskNetwork } from './task-network.ts'
import { targetsOf } from './task-target.ts'
import type { TaskSetRecord } from './task-set.ts'
import type { TaskOwner, TaskRecord } from './task.ts'

export interface NewServiceTask {
  readonly cluster: ClusterRecord
  readonly service: ServiceRecord
  /** What the task is made from. */
  readonly source: ServiceRevisionRecord | TaskSetRecord
  /** The one that the source's template names. */
  readonly definition: TaskDefinitionRecord
  /** What the template's network configuration names, as `taskNetwork` of the tables finds it. */
  readonly network: TaskNetwork
  /** One of the network's subnets: with it the zone is chosen. */
  readonly subnetId: string
  /** Absent where the template has a launch type. */
  readonly capacityProviderName?: FargateProvider
  readonly random: Random
  /** ISO 8601. */
  readonly at: string
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html says which tags it carries. */
export const newServiceTask = (wish: NewServiceTask): TaskRecord => {
  const { cluster, service, source, definition, network } = wish
  const { spec } = service
  const turn = network.subnets.findIndex(({ id }) => id === wish.subnetId)
  if (turn === -1) throw new Error(`${wish.subnetId} is no subnet of ${service.arn}`)
  return newTask({
    cluster,
    definition,
    overrides: {},
    network,
    platformVersion: templateOf(source).resolvedPlatformVersion,
    ...(wish.capacityProviderName === undefined ? {} : { capacityProviderName: wish.capacityProviderName }),
    group: `service:${service.name}`,
    startedBy: startedBy(source),
    enableExecuteCommand: spec.enableExecuteCommand,
    tags: newTaskTags({
      given: spec.propagateTags === 'SERVICE' ? spec.tags : [],
      definition,
      propagated: spec.propagateTags === 'TASK_DEFINITION',
      managed: spec.enableECSManagedTags,
      clusterName: cluster.name,
      serviceName: service.name,
    }),
    owner: ownerOf(service, source),
    ...digestsOf(source),
    random: wish.random,
    at: wish.at,
    turn,
  })
}

const isTaskSet = (source: ServiceRevisionRecord | TaskSetRecord): source is TaskSetRecord => 'spec' in source

const templateOf = (source: ServiceRevisionRecord | TaskSetRecord): RevisionTemplate =>
  isTaskSet(source) ? source.spec.template : source.template

const startedBy = (source: ServiceRevisionRecord | TaskSetRecord): string =>
  isTaskSet(source) ? source.id : deploymentIdOf(source)

const ownerOf = (service: ServiceRecord, source: ServiceRevisionRecord | TaskSetRecord): TaskOwner => {
  const targets = targetsOf(isTaskSet(source) ? source.spec.template.loadBalancers : loadBalancersOf(source))
  return {
    serviceArn: service.arn,
    ...(isTaskSet(source) ? { taskSetArn: source.arn } : { revisionArn: source.arn }),
    ...(targets.length === 0 ? {} : { targets }),
  }
}

/** ECS's version consistency: every task of a revision runs the images that its first one ran. */
const digestsOf = (
  source: ServiceRevisionRecord | TaskSetRecord,
): { readonly imageDigests?: Readonly<Record<string, string>> } => {
  if (isTaskSet(source) || source.rollout.containerImages.length === 0) return {}
  const digests = source.rollout.containerImages.flatMap(({ containerName = '', imageDigest }) =>
    imageDigest === undefined ? [] : [[containerName, imageDigest] as const],
  )
  return { imageDigests: Object.fromEntries(digests) }
}
