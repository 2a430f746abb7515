// What a service's tasks are to be made from, as a request asks for it and checked against what there is.

import type {
  CapacityProviderStrategyItem,
  LoadBalancer,
  MonitoringConfiguration,
  NetworkConfiguration,
  ServiceConnectConfiguration,
  ServiceRegistry,
  ServiceVolumeConfiguration,
  VpcLatticeConfiguration,
} from '@aws-sdk/client-ecs'
import type { Call } from '#aws/operation.ts'
import type { Reader } from '#store/store.ts'
import { refusedTargetGroup } from './target-groups.ts'
import {
  ClientException,
  InvalidParameterException,
  NamespaceNotFoundException,
  PlatformUnknownException,
  UnsupportedFeatureException,
} from './errors.ts'
import { fargateProvider, strategyProblems } from './model/capacity.ts'
import type { ClusterRecord } from './model/cluster.ts'
import type { RevisionTemplate } from './model/service-revision.ts'
import type { TaskDefinitionRecord } from './model/task-definition.ts'
import { firstOf } from './model/validation/problem.ts'
import { platformVersionOf, runOnFargateProblems, unsupportedFeature } from './model/validation/run-task.ts'
import {
  advancedConfigurationProblems,
  gracePeriodProblems,
  loadBalancerProblems,
  monitoringProblems,
  registryProblems,
} from './model/validation/service-attachments.ts'
import { taskDefinitionNamed, taskNetwork } from './tables.ts'

/** The same members of CreateService, UpdateService and CreateTaskSet. */
export interface TemplateWish {
  readonly taskDefinition: string
  /** The definition is the service's already: it may have become INACTIVE since. */
  readonly keepsDefinition?: boolean
  readonly launchType?: string | undefined
  readonly capacityProviderStrategy?: readonly CapacityProviderStrategyItem[] | undefined
  readonly platformVersion?: string | undefined
  readonly networkConfiguration?: NetworkConfiguration | undefined
  readonly loadBalancers?: readonly LoadBalancer[] | undefined
  readonly serviceRegistries?: readonly ServiceRegistry[] | undefined
  readonly serviceConnectConfiguration?: ServiceConnectConfiguration | undefined
  readonly volumeConfigurations?: readonly ServiceVolumeConfiguration[] | undefined
  readonly vpcLatticeConfigurations?: readonly VpcLatticeConfiguration[] | undefined
  readonly monitoring?: MonitoringConfiguration | undefined
  readonly enableExecuteCommand: boolean
  /** How the service is deployed; "ROLLING" when absent. */
  readonly strategy?: string | undefined
  /** Where the request says one. */
  readonly healthCheckGracePeriodSeconds?: number | undefined
}

export const checkedTemplate = async (
  reader: Reader,
  call: Call,
  cluster: ClusterRecord,
  wish: TemplateWish,
): Promise<RevisionTemplate> => {
  const definition = await usableDefinition(reader, call, wish)
  const capacity = capacityOf(cluster, wish, definition)
  const resolvedPlatformVersion = checkedForFargate(wish, definition)
  await taskNetwork(reader, call.scope, wish.networkConfiguration)
  await refuseUnattachable(reader, call, cluster, wish, definition)
  const { serviceConnectConfiguration, monitoring } = wish
  return {
    taskDefinitionArn: definition.arn,
    ...capacity,
    platformVersion: wish.platformVersion ?? 'LATEST',
    resolvedPlatformVersion,
    networkConfiguration: echoedNetwork(wish.networkConfiguration),
    loadBalancers: wish.loadBalancers ?? [],
    serviceRegistries: wish.serviceRegistries ?? [],
    ...(serviceConnectConfiguration === undefined ? {} : { serviceConnectConfiguration }),
    ...(monitoring === undefined ? {} : { monitoring }),
  }
}

/** What Cloud Map and VPC Lattice would have to know, and do not: they are not there. */
const refuseUnattachable = async (
  reader: Reader,
  call: Call,
  cluster: ClusterRecord,
  wish: TemplateWish,
  definition: TaskDefinitionRecord,
): Promise<void> => {
  const {
    loadBalancers = [],
    serviceRegistries = [],
    serviceConnectConfiguration,
    vpcLatticeConfigurations = [],
  } = wish
  const problem = firstOf(
    loadBalancerProblems(loadBalancers, definition),
    advancedConfigurationProblems(loadBalancers, wish.strategy ?? 'ROLLING'),
    registryProblems(serviceRegistries, definition),
    monitoringProblems(wish.monitoring),
    gracePeriodProblems(wish.healthCheckGracePeriodSeconds, loadBalancers, definition),
  )
  if (problem !== undefined) throw InvalidParameterException(problem)
  if (loadBalancers.length > 0) {
    const refused = await refusedTargetGroup(reader, call.scope, loadBalancers)
    if (refused !== undefined) throw InvalidParameterException(refused)
  }
  const [registry] = serviceRegistries
  if (registry !== undefined) {
    throw InvalidParameterException(`The service registry ${registry.registryArn} does not exist.`)
  }
  if (vpcLatticeConfigurations.length > 0) {
    throw InvalidParameterException('The target group in the specified VPC Lattice configuration does not exist.')
  }
  if (serviceConnectConfiguration?.enabled !== true) return
  const namespace = serviceConnectConfiguration.namespace ?? cluster.serviceConnectDefaults?.namespace
  if (namespace === undefined) {
    throw InvalidParameterException(
      'A namespace must be specified in the service connect configuration, or as the default of the cluster.',
    )
  }
  throw NamespaceNotFoundException('The specified namespace was not found.')
}

const usableDefinition = async (
  reader: Reader,
  call: Call,
  { taskDefinition, keepsDefinition = false }: TemplateWish,
): Promise<TaskDefinitionRecord> => {
  const definition = await taskDefinitionNamed(reader, call.scope, taskDefinition)
  if (definition === undefined) throw ClientException('TaskDefinition not found.')
  if (definition.status !== 'ACTIVE' && !keepsDefinition) throw ClientException('TaskDefinition is inactive')
  return definition
}

/** The strategy asked for, the launch type asked for, or the cluster's own strategy, in that order. */
const capacityOf = (
  cluster: ClusterRecord,
  { launchType, capacityProviderStrategy = [] }: TemplateWish,
  { compatibilities }: TaskDefinitionRecord,
): Pick<RevisionTemplate, 'launchType' | 'capacityProviderStrategy'> => {
  const byDefault = launchType === undefined ? cluster.defaultCapacityProviderStrategy : []
  const strategy = capacityProviderStrategy.length > 0 ? capacityProviderStrategy : byDefault
  if (strategy.length > 0) {
    const problem = firstOf(strategyProblems(strategy, cluster.capacityProviders))
    if (problem !== undefined) throw InvalidParameterException(problem)
    return { capacityProviderStrategy: strategy.map(echoedItem) }
  }
  // Without a launch type ECS means EC2.
  const asked = launchType ?? 'EC2'
  if (asked === 'FARGATE') return { launchType: asked }
  if (!compatibilities.some((one) => one === asked)) {
    throw InvalidParameterException(`Task definition does not support launch_type ${asked}.`)
  }
  throw InvalidParameterException('No Container Instances were found in your cluster.')
}

const echoedItem = ({ capacityProvider = '', weight = 0, base = 0 }: CapacityProviderStrategyItem) => ({
  capacityProvider: fargateProvider(capacityProvider) ?? capacityProvider,
  weight,
  base,
})

/** Returns the platform version that the tasks will run on. */
const checkedForFargate = (wish: TemplateWish, definition: TaskDefinitionRecord): string => {
  const problem = firstOf(
    runOnFargateProblems(
      {
        enableExecuteCommand: wish.enableExecuteCommand,
        volumeConfigurations: wish.volumeConfigurations?.map(({ name = '' }) => ({ name })),
      },
      definition,
    ),
  )
  if (problem !== undefined) throw InvalidParameterException(problem)
  const platformVersion = platformVersionOf(wish.platformVersion)
  if (platformVersion === undefined) throw PlatformUnknownException('The specified platform does not exist.')
  const unsupported = unsupportedFeature(definition)
  if (unsupported !== undefined) throw UnsupportedFeatureException(unsupported)
  return platformVersion
}

const echoedNetwork = (configuration: NetworkConfiguration | undefined): NetworkConfiguration => {
  const { subnets = [], securityGroups = [], assignPublicIp = 'DISABLED' } = configuration?.awsvpcConfiguration ?? {}
  return { awsvpcConfiguration: { subnets, securityGroups, assignPublicIp } }
}
