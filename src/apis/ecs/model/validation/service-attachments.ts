// What a service's tasks are attached to besides their network: load balancers, registries, namespaces.

import type { LoadBalancer, MonitoringConfiguration, ServiceRegistry } from '@aws-sdk/client-ecs'
import { parseArn } from '#aws/arn.ts'
import { SERVICE_REGISTRIES_PER_SERVICE, TARGET_GROUPS_PER_SERVICE } from '../limits.ts'
import { containerNamed, type TaskDefinitionRecord } from '../task-definition.ts'
import type { Problems } from './problem.ts'

/** Whether the target groups exist is asked of Elastic Load Balancing. */
export function* loadBalancerProblems(
  loadBalancers: readonly LoadBalancer[],
  definition: TaskDefinitionRecord,
): Problems {
  if (loadBalancers.length > TARGET_GROUPS_PER_SERVICE) {
    yield `loadBalancers can have at most ${TARGET_GROUPS_PER_SERVICE} items.`
  }
  for (const { targetGroupArn, loadBalancerName, containerName = '', containerPort } of loadBalancers) {
    if (targetGroupArn !== undefined && loadBalancerName !== undefined) {
      yield 'Specify either a targetGroupArn or a loadBalancerName, but not both.'
    }
    if (targetGroupArn === undefined && loadBalancerName === undefined) yield 'targetGroupArn can not be blank.'
    if (containerName === '') yield 'Container Name can not be blank.'
    if (containerPort === undefined) yield 'Container Port can not be blank.'
    if (loadBalancerName !== undefined) yield `The load balancer ${loadBalancerName} does not exist.`
    yield* exposedPortProblems(definition, containerName, containerPort)
  }
}

/**
 * What a strategy that shifts traffic needs of a load balancer. The texts are ours.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AdvancedConfiguration.html
 */
export function* advancedConfigurationProblems(loadBalancers: readonly LoadBalancer[], strategy: string): Problems {
  for (const { targetGroupArn, advancedConfiguration: advanced } of loadBalancers) {
    if (advanced === undefined) {
      if (strategy === 'ROLLING') continue
      yield `advancedConfiguration must be specified for load balancers when the deployment strategy is ${strategy}.`
    }
    for (const member of ['alternateTargetGroupArn', 'productionListenerRule', 'roleArn'] as const) {
      if ((advanced?.[member] ?? '') === '') yield `${member} of advancedConfiguration can not be blank.`
    }
    if (parseArn(advanced?.roleArn ?? '')?.service !== 'iam') {
      yield 'roleArn of advancedConfiguration is not a valid ARN.'
    }
    if (advanced?.alternateTargetGroupArn === targetGroupArn) {
      yield 'alternateTargetGroupArn of advancedConfiguration must be different from targetGroupArn.'
    }
    if (advanced?.testListenerRule !== undefined && advanced.testListenerRule === advanced.productionListenerRule) {
      yield 'testListenerRule of advancedConfiguration must be different from productionListenerRule.'
    }
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceRegistry.html */
export function* registryProblems(registries: readonly ServiceRegistry[], definition: TaskDefinitionRecord): Problems {
  if (registries.length > SERVICE_REGISTRIES_PER_SERVICE) {
    yield `serviceRegistries can have at most ${SERVICE_REGISTRIES_PER_SERVICE} item.`
  }
  for (const { registryArn = '', port, containerName, containerPort } of registries) {
    const { service, resource = '' } = parseArn(registryArn) ?? {}
    if (service !== 'servicediscovery' || !resource.startsWith('service/')) {
      yield `The format of the supplied service registry ARN is invalid: ${registryArn}.`
    }
    if (port !== undefined && (containerName !== undefined || containerPort !== undefined)) {
      yield (
        `Specify a value for either 'port' or the 'containerName' and 'containerPort' combination, but not both. ` +
          'Remove one and retry.'
      )
    }
    if (containerName !== undefined) yield* exposedPortProblems(definition, containerName, containerPort)
  }
}

/** AWS's reference: the grace period is for the checks of load balancers and of containers. */
export function* gracePeriodProblems(
  seconds: number | undefined,
  loadBalancers: readonly LoadBalancer[],
  definition: TaskDefinitionRecord,
): Problems {
  const isChecked = definition.containerDefinitions.some(({ healthCheck }) => healthCheck !== undefined)
  if (seconds === undefined || seconds === 0 || isChecked || loadBalancers.length > 0) return
  yield 'Health check grace period is only valid for services configured to use load balancers'
}

/** Kept and shown; the resolution of metrics is what they are recorded with. */
export function* monitoringProblems(monitoring: MonitoringConfiguration | undefined): Problems {
  for (const { resolutionSeconds } of monitoring?.metricConfigurations ?? []) {
    if (resolutionSeconds !== 20 && resolutionSeconds !== 60) yield 'resolutionSeconds must be either 20 or 60.'
  }
}

function* exposedPortProblems(
  definition: TaskDefinitionRecord,
  containerName: string,
  containerPort: number | undefined,
): Problems {
  const container = containerNamed(definition, containerName)
  if (container === undefined) return yield `The container ${containerName} does not exist in the task definition.`
  if (!(container.portMappings ?? []).some((mapping) => mapping.containerPort === containerPort)) {
    yield `The container ${containerName} did not have a container port ${containerPort} defined.`
  }
}
