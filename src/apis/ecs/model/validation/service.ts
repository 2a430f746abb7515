// Services: what CreateService and UpdateService say of themselves, before anything is looked up.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html

import type { CreateServiceRequest, UpdateServiceRequest } from '@aws-sdk/client-ecs'
import type { Checked } from '#aws/operation.ts'
import { tagProblem } from '#aws/tags.ts'
import { GRACE_PERIOD_MOST_SECONDS, NAME_CHARACTERS, SERVICE_TOKEN_CHARACTERS, TASKS_PER_SERVICE } from '../limits.ts'
import type { ServiceRecord, ServiceSpec } from '../service.ts'
import { NAME } from './containers.ts'
import { deploymentConfigurationProblems } from './deployment-configuration.ts'
import { isWithin, type Problems } from './problem.ts'

type Create = Checked<CreateServiceRequest>
type Update = Checked<UpdateServiceRequest>

/** `filled` is what the service would be, with every default. */
export function* createServiceProblems(request: Create, filled: ServiceSpec): Problems {
  const { serviceName, tags = [], clientToken } = request
  if (serviceName === '') yield 'Service name can not be blank.'
  if (!NAME.test(serviceName) || serviceName.length > NAME_CHARACTERS) yield 'Service name contains invalid characters.'
  if (clientToken !== undefined) yield* clientTokenProblems(clientToken)
  yield* schedulingProblems(request)
  yield* controllerProblems(request)
  yield* countProblems(filled)
  yield* capacityChoiceProblems(request)
  if (request.role !== undefined && request.role !== '') {
    yield 'You cannot specify an IAM role for services that require a service linked role.'
  }
  yield* specProblems(request, filled)
  const problem = tagProblem(tags)
  if (problem !== undefined) yield problem
}

/** `updated` is what the service would be. */
export function* updateServiceProblems(request: Update, service: ServiceRecord, updated: ServiceSpec): Problems {
  const { deploymentController: controller } = service.spec
  const asked = request.deploymentController?.type ?? controller
  if (asked !== controller) {
    yield `The deployment controller of a service can not be changed from ${controller} to ${asked}.`
  }
  if (controller !== 'ECS') yield* otherControllerProblems(request, controller)
  yield* countProblems(updated)
  yield* specProblems(request, updated)
}

/** What AWS has and Neargate does not; undefined when the service asks for none of it. */
export const unsupportedInService = (request: Create | Update): string | undefined => {
  const lacks = (what: string): string => `Neargate does not support ${what}.`
  if (isGiven(request.gatewayConnectors)) return lacks('gateway connectors')
  return undefined
}

export function* clientTokenProblems(clientToken: string): Problems {
  if (!isWithin(clientToken.length, 1, SERVICE_TOKEN_CHARACTERS)) {
    yield `clientToken must be between 1 and ${SERVICE_TOKEN_CHARACTERS} characters.`
  }
  if (!/^[\x21-\x7e]+$/.test(clientToken)) yield 'clientToken contains invalid characters.'
}

/** Fargate runs no daemons, and there is nothing but Fargate. */
function* schedulingProblems({ schedulingStrategy, desiredCount, deploymentController }: Create): Problems {
  const controller = deploymentController?.type ?? 'ECS'
  if (schedulingStrategy === 'DAEMON') {
    if (controller !== 'ECS') yield `The ${controller} deployment controller requires the REPLICA scheduling strategy.`
    yield 'The DAEMON scheduling strategy is not supported with FARGATE launch type.'
  }
  if (controller !== 'EXTERNAL' && desiredCount === undefined) {
    yield 'desiredCount must be specified when the scheduling strategy is REPLICA.'
  }
}

/** What task sets say for themselves. */
const OF_TASK_SETS = [
  'taskDefinition',
  'launchType',
  'capacityProviderStrategy',
  'platformVersion',
  'networkConfiguration',
  'loadBalancers',
  'serviceRegistries',
] as const satisfies readonly (keyof Create)[]

const isGiven = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0)

function* controllerProblems(request: Create): Problems {
  const controller = request.deploymentController?.type ?? 'ECS'
  if (controller === 'EXTERNAL') {
    const member = OF_TASK_SETS.find((name) => isGiven(request[name]))
    if (member === 'loadBalancers') yield 'LoadBalancers must be empty or null.'
    if (member !== undefined) {
      yield `${member} can not be specified for a service with an EXTERNAL deployment controller. Use CreateTaskSet.`
    }
    return
  }
  if (request.taskDefinition === undefined || request.taskDefinition === '') yield 'TaskDefinition can not be blank.'
  if (controller === 'CODE_DEPLOY' && !isGiven(request.loadBalancers)) {
    yield 'A load balancer must be specified for a service with a CODE_DEPLOY deployment controller.'
  }
}

const NAMES_OF: Partial<Record<keyof Update, string>> = {
  taskDefinition: 'task definition',
  capacityProviderStrategy: 'capacity provider strategy',
  platformVersion: 'platform version',
  networkConfiguration: 'network parameters',
  loadBalancers: 'load balancers',
  serviceRegistries: 'service registries',
}

const aOf = (controller: string): string => (controller === 'EXTERNAL' ? `an ${controller}` : `a ${controller}`)

function* otherControllerProblems(request: Update, controller: string): Problems {
  const instead =
    controller === 'CODE_DEPLOY' ? 'Use AWS CodeDeploy to trigger a new deployment.' : 'Use CreateTaskSet instead.'
  for (const [member, name] of Object.entries(NAMES_OF)) {
    if (isGiven(request[member as keyof Update])) {
      yield `Unable to update ${name} on services with ${aOf(controller)} deployment controller. ${instead}`
    }
  }
  if (request.forceNewDeployment === true) {
    yield `Cannot force a new deployment on services with ${aOf(controller)} deployment controller. ${instead}`
  }
}

function* countProblems({ desiredCount }: ServiceSpec): Problems {
  if (!isWithin(desiredCount, 0, TASKS_PER_SERVICE)) yield `desiredCount must be between 0 and ${TASKS_PER_SERVICE}.`
}

/** Of CreateService and CreateTaskSet. */
export function* capacityChoiceProblems({
  launchType,
  capacityProviderStrategy = [],
}: Pick<Create, 'launchType' | 'capacityProviderStrategy'>): Problems {
  if (launchType !== undefined && capacityProviderStrategy.length > 0) {
    yield 'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.'
  }
}

function* specProblems(request: Create | Update, spec: ServiceSpec): Problems {
  const { deploymentConfiguration: filled, deploymentController, availabilityZoneRebalancing } = spec
  const { placementConstraints = [], placementStrategy = [] } = request
  yield* deploymentConfigurationProblems(request.deploymentConfiguration ?? {}, filled, deploymentController)
  if (!isWithin(spec.healthCheckGracePeriodSeconds, 0, GRACE_PERIOD_MOST_SECONDS)) {
    yield `healthCheckGracePeriodSeconds must be between 0 and ${GRACE_PERIOD_MOST_SECONDS}.`
  }
  if (availabilityZoneRebalancing === 'ENABLED' && (filled.maximumPercent ?? 0) <= 100) {
    yield 'Availability Zone rebalancing requires a maximumPercent greater than 100.'
  }
  if (placementConstraints.length > 0) yield 'Placement constraints are not supported with FARGATE launch type.'
  if (placementStrategy.length > 0) yield 'Placement strategies are not supported with FARGATE launch type.'
}
