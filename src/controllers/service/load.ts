// Reads what a turn decides on, within the turn's transaction.

import { isFinished } from '#apis/ecs/model/service-deployment.ts'
import type { RevisionTemplate } from '#apis/ecs/model/service-revision.ts'
import type { ServiceRecord } from '#apis/ecs/model/service.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import {
  clusterByArn,
  deploymentsOfService,
  revisionsOfService,
  services,
  taskDefinitionByArn,
  taskNetwork,
  taskSetsOfService,
  tasksOfService,
} from '#apis/ecs/tables.ts'
import type { TargetRecord } from '#apis/elbv2/model/target.ts'
import { ruleOrListener, targetGroupByArn, targetsOfService } from '#apis/elbv2/tables.ts'
import type { ServiceArn } from '#aws/arn.ts'
import { AwsError } from '#aws/refusal.ts'
import type { Reader } from '#store/store.ts'
import type { Facts, Launch } from './facts.ts'
import { byAge } from './order.ts'
import type { Alarms } from './seams.ts'
import { type Registrations, targetHealthOf } from './target-health.ts'
import { rulesOf } from './traffic-plan.ts'

/** EC2 and ECS may have lost what the service was made with: told in their words. */
const launchOf = async (reader: Reader, service: ServiceRecord, template: RevisionTemplate): Promise<Launch> => {
  const cluster = await clusterByArn(reader, service.clusterArn)
  if (cluster === undefined) return { refused: 'ClusterNotFoundException: Cluster not found' }
  const definition = await taskDefinitionByArn(reader, template.taskDefinitionArn)
  if (definition === undefined) return { refused: 'ClientException: TaskDefinition not found' }
  try {
    const network = await taskNetwork(reader, service.scope, template.networkConfiguration)
    return { template, cluster, definition, network }
  } catch (error) {
    if (error instanceof AwsError) return { refused: `${error.code}: ${error.message}` }
    throw error
  }
}

const registrationsOf = async (
  reader: Reader,
  arn: ServiceArn,
  tasks: readonly TaskRecord[],
): Promise<Registrations> => {
  const named = new Set(tasks.flatMap(({ owner }) => owner?.targets ?? []).map(({ targetGroupArn }) => targetGroupArn))
  const groups = new Set<string>()
  for (const group of named) if ((await targetGroupByArn(reader, group)) !== undefined) groups.add(group)
  const rows = named.size === 0 ? [] : await targetsOfService(reader, arn)
  const byTask = new Map<string, TargetRecord[]>()
  for (const row of rows) byTask.set(row.spec.task?.arn ?? '', [...(byTask.get(row.spec.task?.arn ?? '') ?? []), row])
  return { byTask, groups }
}

/** Undefined when there is nothing to look after. */
export const factsOf = async (
  reader: Reader,
  arn: ServiceArn,
  world: {
    readonly alarms: Alarms
    readonly hookAnswers: Facts['hookAnswers']
    readonly now: Date
  },
): Promise<Facts | undefined> => {
  const service = await reader.get(services, arn)
  if (service === undefined || service.status.state === 'INACTIVE') return undefined
  const revisions = await revisionsOfService(reader, arn)
  const taskSets = await taskSetsOfService(reader, arn)
  const tasks = await tasksOfService(reader, arn)
  const deployments = await deploymentsOfService(reader, arn)
  const { primaryRevisionArn, deploymentArn } = service.status
  const current = deployments.find((deployment) => deployment.arn === deploymentArn)
  const sources = current === undefined || isFinished(current) ? [] : current.spec.sourceRevisionArns
  const launches = new Map<string, Launch>()
  for (const { arn: revisionArn, rollout, template } of revisions) {
    const isPrimary = revisionArn === primaryRevisionArn
    // An old one keeps its own while the new one comes up, or is gone back to.
    const isProven = rollout.state === 'COMPLETED' || rollout.productionWeight === 100
    const isOld = isProven && (rollout.desiredCount > 0 || sources.includes(revisionArn))
    if (isPrimary || isOld) launches.set(revisionArn, await launchOf(reader, service, template))
  }
  for (const set of taskSets) launches.set(set.arn, await launchOf(reader, service, set.spec.template))
  const missingRules: string[] = []
  const primary = revisions.find((revision) => revision.arn === primaryRevisionArn)
  for (const rule of primary === undefined ? [] : rulesOf(primary)) {
    if ((await ruleOrListener(reader, rule)) === undefined) missingRules.push(rule)
  }
  const registrations = await registrationsOf(reader, arn, tasks)
  return {
    service,
    revisions: revisions.toSorted(byAge),
    deployments,
    taskSets: taskSets.toSorted(byAge),
    tasks: tasks.toSorted(byAge),
    launches,
    targetHealth: (task) => targetHealthOf(task, registrations),
    missingRules,
    alarms: (name) => world.alarms.state(service.scope, name),
    hookAnswers: world.hookAnswers,
    now: world.now,
  }
}
