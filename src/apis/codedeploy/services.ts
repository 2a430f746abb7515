// What a deployment group asks of ECS and Elastic Load Balancing, and what a deployment finds there.

import type { LoadBalancer } from '@aws-sdk/client-ecs'
import type { ListenerArn } from '#aws/arn.ts'
import type { Call } from '#aws/operation.ts'
import { AwsError } from '#aws/refusal.ts'
import { scopeKey } from '#aws/scope.ts'
import type { Reader } from '#store/store.ts'
import type { ClusterRecord } from '../ecs/model/cluster.ts'
import type { RevisionTemplate } from '../ecs/model/service-revision.ts'
import type { ServiceRecord } from '../ecs/model/service.ts'
import type { TaskSetRecord } from '../ecs/model/task-set.ts'
import { firstOf } from '../ecs/model/validation/problem.ts'
import { loadBalancerProblems } from '../ecs/model/validation/service-attachments.ts'
import { checkedTemplate } from '../ecs/service-templates.ts'
import { activeCluster, activeService, taskDefinitionByArn, taskSetsOfService } from '../ecs/tables.ts'
import { listeners, targetGroupNamed } from '../elbv2/tables.ts'
import {
  ECSServiceMappingLimitExceededException,
  InvalidECSServiceException,
  InvalidTrafficRoutingConfigurationException,
} from './errors.ts'
import type { AppSpec } from './model/app-spec.ts'
import type { Routing } from './model/deployment-config.ts'
import type { DeploymentGroupRecord, DeploymentGroupSpec } from './model/deployment-group.ts'
import { balancerError, type DeploymentError, type Shift } from './model/deployment.ts'
import { groupsOfService } from './tables.ts'

const NOT_CODE_DEPLOY = "Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller."

interface Found {
  readonly cluster: ClusterRecord
  readonly service: ServiceRecord
}

/** Refuses as ECS does. */
const found = async (reader: Reader, call: Call, { ecsService }: DeploymentGroupSpec): Promise<Found> => {
  const cluster = await activeCluster(reader, call.scope, ecsService.clusterName)
  return { cluster, service: await activeService(reader, cluster, ecsService.serviceName) }
}

/** As AWS has it: ECS's own deployments may shift connections in steps, CodeDeploy's may not. */
export const checkRouting = ({ route }: DeploymentGroupSpec, routing: Routing): void => {
  if (routing.type !== 'AllAtOnce' && route.productionListenerArn.includes(':listener/net/')) {
    throw InvalidTrafficRoutingConfigurationException(
      'Only ALB supports gradual traffic routing, use AllAtOnce Traffic routing instead when you create/update ' +
        'Deployment group.',
    )
  }
}

/** Refuses a service that is not there, that others deploy, or that another group deploys. */
export const checkService = async (
  reader: Reader,
  call: Call,
  spec: DeploymentGroupSpec,
  group?: DeploymentGroupRecord,
): Promise<void> => {
  const { clusterName, serviceName } = spec.ecsService
  const { service } = await found(reader, call, spec).catch((error: unknown) => {
    if (!(error instanceof AwsError)) throw error
    throw InvalidECSServiceException(
      `Could not load ECS service information for cluster: ${clusterName}, service: ${serviceName}. ` +
        `Cause: ${error.message}`,
    )
  })
  if (service.spec.deploymentController !== 'CODE_DEPLOY') throw InvalidECSServiceException(NOT_CODE_DEPLOY)
  const others = await groupsOfService(reader, call.scope, spec.ecsService)
  if (others.some(({ id }) => id !== group?.id)) {
    throw ECSServiceMappingLimitExceededException(
      'The Amazon ECS service is associated with more than one deployment groups. An Amazon ECS service can be ' +
        'associated with only one deployment group.',
    )
  }
}

const serviceError = (message: string): DeploymentError => ({ code: 'INVALID_ECS_SERVICE', message })

const updateError = (call: Call, { code, message }: { readonly code: string; readonly message: string }) =>
  ({
    code: 'ECS_UPDATE_ERROR',
    message:
      `The ECS service cannot be updated due to an unexpected error: ${message} (Service: AmazonECS; Status Code: 400; ` +
      `Error Code: ${code}; Request ID: ${call.requestId}; Proxy: null). Check your ECS service status.`,
  }) as const satisfies DeploymentError

const templateOf = async (
  reader: Reader,
  call: Call,
  { cluster, service }: Found,
  { appSpec, primary, targetGroupArn }: { appSpec: AppSpec; primary: TaskSetRecord; targetGroupArn: string },
): Promise<RevisionTemplate | DeploymentError> => {
  const current = primary.spec.template
  const { containerName, containerPort, capacityProviderStrategy = current.capacityProviderStrategy } = appSpec
  try {
    const template = await checkedTemplate(reader, call, cluster, {
      taskDefinition: appSpec.taskDefinition,
      ...(capacityProviderStrategy === undefined ? { launchType: current.launchType } : { capacityProviderStrategy }),
      platformVersion: appSpec.platformVersion ?? current.platformVersion,
      networkConfiguration: appSpec.networkConfiguration ?? current.networkConfiguration,
      serviceRegistries: current.serviceRegistries,
      enableExecuteCommand: service.spec.enableExecuteCommand,
    })
    const definition = await taskDefinitionByArn(reader, template.taskDefinitionArn)
    const loadBalancers: LoadBalancer[] = [{ targetGroupArn, containerName, containerPort }]
    const problem = definition === undefined ? undefined : firstOf(loadBalancerProblems(loadBalancers, definition))
    if (problem !== undefined) return updateError(call, { code: 'InvalidParameterException', message: problem })
    return { ...template, loadBalancers }
  } catch (error) {
    if (error instanceof AwsError) return updateError(call, error)
    throw error
  }
}

/** What is to be moved where, or why nothing can be: AWS tells that by failing the deployment, not by refusing it. */
export const resolvedShift = async (
  reader: Reader,
  call: Call,
  spec: DeploymentGroupSpec,
  appSpec: AppSpec,
): Promise<Shift | DeploymentError> => {
  const { scope } = call
  const { route } = spec
  let there: Found
  try {
    there = await found(reader, call, spec)
  } catch (error) {
    if (error instanceof AwsError) return serviceError(error.message)
    throw error
  }
  if (there.service.spec.deploymentController !== 'CODE_DEPLOY') return serviceError(NOT_CODE_DEPLOY)
  const primary = (await taskSetsOfService(reader, there.service.arn)).find((set) => set.spec.isPrimary)
  if (primary === undefined) return serviceError('The ECS service does not have a primary task set.')
  const [first, second] = await Promise.all(route.targetGroups.map((name) => targetGroupNamed(reader, scope, name)))
  if (first === undefined || second === undefined) return balancerError('One or more target groups not found')
  for (const arn of [route.productionListenerArn, route.testListenerArn]) {
    if (arn === undefined) continue
    const listener = await reader.get(listeners, arn)
    if (listener === undefined || scopeKey(listener.scope) !== scopeKey(scope)) {
      return balancerError('One or more listeners not found')
    }
  }
  const serving = primary.spec.template.loadBalancers.map(({ targetGroupArn }) => targetGroupArn)
  const original = [first, second].find(({ arn }) => serving.includes(arn))
  if (original === undefined) {
    return balancerError(`Primary taskset target group must be behind listener ${route.productionListenerArn}`)
  }
  const replacement = original === first ? second : first
  const template = await templateOf(reader, call, there, { appSpec, primary, targetGroupArn: replacement.arn })
  if ('code' in template) return template
  return {
    serviceArn: there.service.arn,
    original: { taskSetArn: primary.arn, targetGroupArn: original.arn },
    replacement: { targetGroupArn: replacement.arn, template },
    productionListenerArn: route.productionListenerArn as ListenerArn,
    ...(route.testListenerArn === undefined ? {} : { testListenerArn: route.testListenerArn as ListenerArn }),
  }
}
