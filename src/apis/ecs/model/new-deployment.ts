// A revision and the service deployment that rolls it out, at their birth.

import { newServiceDeploymentArn, serviceRevisionArn } from '#aws/arn.ts'
import type { Random } from '#base/random.ts'
import { chosenTargetGroups, servingRevision } from './revision-targets.ts'
import { breakerThreshold, type ServiceDeploymentRecord } from './service-deployment.ts'
import { deploymentIdOf, type RevisionTemplate, type ServiceRevisionRecord } from './service-revision.ts'
import type { ServiceRecord } from './service.ts'

/** Digits of a revision's id. */
export const REVISION_ID_DIGITS = 19

/**
 * `desiredCount` is what it is to have from the start: all of a new service, nothing of an old one. `sources`: the
 * revisions that it is to replace.
 */
export const newRevision = (
  service: Pick<ServiceRecord, 'arn' | 'name' | 'scope' | 'clusterName' | 'spec'>,
  template: RevisionTemplate,
  options: {
    readonly random: Random
    readonly at: string
    readonly desiredCount: number
    readonly sources: readonly ServiceRevisionRecord[]
  },
): ServiceRevisionRecord => {
  const { random, at, desiredCount } = options
  const stays = (service.spec.deploymentConfiguration.strategy ?? 'ROLLING') === 'ROLLING'
  const targetGroupArns = chosenTargetGroups(template, servingRevision(options.sources), stays)
  const id = random.digits(REVISION_ID_DIGITS)
  return {
    arn: serviceRevisionArn(service.scope, service.clusterName, service.name, id),
    id,
    scope: service.scope,
    serviceArn: service.arn,
    createdAt: at,
    template,
    ...(targetGroupArns === undefined ? {} : { targetGroupArns }),
    rollout: {
      state: 'IN_PROGRESS',
      reason: `ECS deployment ${deploymentIdOf({ id })} in progress.`,
      failedTasks: 0,
      hasRun: false,
      updatedAt: at,
      desiredCount,
      containerImages: [],
    },
  }
}

export const newDeployment = (
  service: ServiceRecord,
  target: ServiceRevisionRecord,
  options: { readonly sources: readonly ServiceRevisionRecord[]; readonly random: Random; readonly at: string },
): ServiceDeploymentRecord => {
  const { deploymentConfiguration: configuration, desiredCount } = service.spec
  const { deploymentCircuitBreaker: breaker, alarms } = configuration
  return {
    arn: newServiceDeploymentArn(service.scope, service.clusterName, service.name, options.random),
    scope: service.scope,
    clusterArn: service.clusterArn,
    serviceArn: service.arn,
    createdAt: options.at,
    spec: {
      sourceRevisionArns: options.sources.map(({ arn }) => arn),
      targetRevisionArn: target.arn,
      configuration,
      answers: {},
    },
    progress: {
      state: 'PENDING',
      updatedAt: options.at,
      step: 0,
      hooks: [],
      circuitBreaker: {
        status: breaker?.enable === true ? 'MONITORING' : 'DISABLED',
        failureCount: 0,
        threshold: breakerThreshold(desiredCount, breaker),
      },
      alarms: { status: alarms?.enable === true ? 'MONITORING' : 'DISABLED', triggered: [], ignored: [] },
    },
  }
}
