// "ECS Service Action" and "ECS Deployment State Change", from what the service controller records. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing-monitoring.html

import type { DeploymentRolloutState } from '@aws-sdk/client-ecs'
import { type FargateProvider, fargateProvider } from '#apis/ecs/model/capacity.ts'
import { deploymentIdOf, type ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import type { ServiceEventRecord, ServiceRecord } from '#apis/ecs/model/service.ts'
import { capacityProviderArn } from '#aws/arn.ts'
import { recordedTime } from '#aws/time.ts'
import type { Told } from './envelope.ts'

type EventType = 'INFO' | 'WARN' | 'ERROR'

/** Which of the service's messages are events, too. The texts are ECS's own, and tools match on them. */
const ACTIONS: readonly (readonly [RegExp, EventType, string])[] = [
  [/, taskSet .* has reached a steady state\.$/, 'INFO', 'TASKSET_STEADY_STATE'],
  [/ has reached a steady state\.$/, 'INFO', 'SERVICE_STEADY_STATE'],
  [/ has started \d+ tasks in \S+ to AZ Rebalance: /, 'INFO', 'TASKS_STARTED'],
  [/ has stopped \d+ running tasks\b.*: /, 'INFO', 'TASKS_STOPPED'],
  [/ is not AZ balanced with .* AZ Rebalancing in progress\.$/, 'INFO', 'SERVICE_REBALANCING_STARTED'],
  [/ is AZ balanced with /, 'INFO', 'SERVICE_REBALANCING_COMPLETED'],
  [/ (stopped AZ Rebalancing|AZ Rebalancing was stopped)\.$/, 'INFO', 'SERVICE_REBALANCING_STOPPED'],
  [/ was unable to AZ Rebalance because /, 'INFO', 'TASKSET_SCALE_IN_FAILURE_BY_TASK_PROTECTION'],
  [/ is unable to consistently start tasks successfully\.$/, 'WARN', 'SERVICE_TASK_START_IMPAIRED'],
  [/ was unable to place a task\. Reason: /, 'ERROR', 'SERVICE_TASK_PLACEMENT_FAILURE'],
  [/ failed to launch a task with \(error /, 'ERROR', 'SERVICE_TASK_CONFIGURATION_FAILURE'],
  [/ operations are being throttled\. /, 'ERROR', 'ECS_OPERATION_THROTTLED'],
]

/** Where the service's own messages are counted; its versions are their numbers. */
export const messagesOf = (service: Pick<ServiceRecord, 'arn'>): string => `${service.arn} messages`

const providerArns = (service: ServiceRecord, revision: ServiceRevisionRecord | undefined): string[] =>
  (revision?.template.capacityProviderStrategy ?? [])
    .map(({ capacityProvider = '' }) => fargateProvider(capacityProvider))
    .filter((name): name is FargateProvider => name !== undefined)
    .map((name) => capacityProviderArn(service.scope, name))

/** Undefined when the message is no event. `revision` is the service's primary one. */
export const serviceActionEvent = (
  message: ServiceEventRecord,
  service: ServiceRecord,
  revision: ServiceRevisionRecord | undefined,
): Told | undefined => {
  const action = ACTIONS.find(([pattern]) => pattern.test(message.message))
  if (action === undefined) return undefined
  const [, eventType, eventName] = action
  const isPlacement = eventName === 'SERVICE_TASK_PLACEMENT_FAILURE'
  const arns = providerArns(service, revision)
  const [, launchError] = / failed to launch a task with \(error (.*)\)\.$/s.exec(message.message) ?? []
  return {
    scope: service.scope,
    source: 'aws.ecs',
    detailType: 'ECS Service Action',
    resources: [service.arn],
    about: [service.clusterArn],
    state: { of: messagesOf(service), version: message.number },
    detail: {
      eventType,
      eventName,
      clusterArn: service.clusterArn,
      ...(isPlacement && arns.length > 0 ? { capacityProviderArns: arns } : {}),
      ...(isPlacement ? { reason: 'RESOURCE:FARGATE' } : {}),
      ...(launchError === undefined ? {} : { reason: launchError }),
      createdAt: message.createdAt,
    },
  }
}

const ROLLOUTS: readonly DeploymentRolloutState[] = ['IN_PROGRESS', 'COMPLETED', 'FAILED']

/** Tells apart both when a rollout changed and what it became: the last digit is its state. */
export const rolloutVersion = ({ rollout }: ServiceRevisionRecord): number =>
  recordedTime(rollout.updatedAt).getTime() * 10 + ROLLOUTS.indexOf(rollout.state)

/** Whether an event of that version has told of the rollout's state already; 0 where none has. */
export const isRolloutTold = (revision: ServiceRevisionRecord, told: number): boolean =>
  told > 0 && told % 10 === ROLLOUTS.indexOf(revision.rollout.state)

export const deploymentEvent = (revision: ServiceRevisionRecord, service: ServiceRecord): Told => {
  const { state, reason, updatedAt } = revision.rollout
  return {
    scope: revision.scope,
    source: 'aws.ecs',
    detailType: 'ECS Deployment State Change',
    resources: [revision.serviceArn],
    about: [service.clusterArn],
    state: { of: revision.arn, version: rolloutVersion(revision) },
    detail: {
      eventType: state === 'FAILED' ? 'ERROR' : 'INFO',
      eventName: `SERVICE_DEPLOYMENT_${state}`,
      deploymentId: deploymentIdOf(revision),
      updatedAt,
      reason,
    },
  }
}
