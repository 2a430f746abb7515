// RunTask: records the wish for up to ten tasks. The task controller starts them; this never waits for it.

import type { CapacityProviderStrategyItem, Failure, RunTaskRequest, RunTaskResponse } from '@aws-sdk/client-ecs'
import type { TaskArn } from '#aws/arn.ts'
import type { Call, Checked, Operation } from '#aws/operation.ts'
import type { Transaction } from '#store/store.ts'
import {
  ClientException,
  ConflictException,
  InvalidParameterException,
  PlatformUnknownException,
  UnsupportedFeatureException,
} from '../errors.ts'
import { placed, strategyProblems } from '../model/capacity.ts'
import { sameForm } from '../model/client-token.ts'
import type { ClusterRecord } from '../model/cluster.ts'
import { describeTask } from '../model/describe-task.ts'
import { secondsAfter } from '../model/instant.ts'
import { CLIENT_TOKEN_SECONDS } from '../model/limits.ts'
import { newTask, newTaskTags } from '../model/new-task.ts'
import { overrideProblems } from '../model/overrides.ts'
import { capacityFailure, claimOf } from '../model/room.ts'
import type { TaskDefinitionRecord } from '../model/task-definition.ts'
import type { TaskRecord } from '../model/task.ts'
import { firstOf } from '../model/validation/problem.ts'
import {
  platformVersionOf,
  runOnFargateProblems,
  runTaskProblems,
  unsupportedFeature,
} from '../model/validation/run-task.ts'
import {
  activeCluster,
  forgetExpiredTokens,
  keepToken,
  taskByArn,
  taskDefinitionNamed,
  taskNetwork,
  tasks,
  tokenOf,
} from '../tables.ts'

type Request = Checked<RunTaskRequest>

export const runTask: Operation<RunTaskRequest, RunTaskResponse> = async (input, call) => {
  const refused = firstOf(runTaskProblems(input))
  if (refused !== undefined) throw InvalidParameterException(refused)

  const setAside: TaskArn[] = []
  try {
    const { started, failures } = await call.store.write(async (tx) => {
      const cluster = await activeCluster(tx, call.scope, input.cluster)
      const known = await tasksOfToken(tx, call, cluster, input)
      return known === undefined ? start(tx, call, cluster, input, setAside) : { started: known, failures: [] }
    })
    return { tasks: started.map((task) => describeTask(task, { tags: true })), failures }
  } catch (error) {
    for (const arn of setAside) call.capacity?.withdraw(arn)
    throw error
  }
}

interface Started {
  readonly started: readonly TaskRecord[]
  readonly failures: Failure[]
}

/** The tasks that the same request with the same token has started already. */
const tasksOfToken = async (tx: Transaction, call: Call, cluster: ClusterRecord, input: Request) => {
  if (input.clientToken === undefined) return undefined
  const known = await tokenOf(tx, cluster.arn, input.clientToken, call.clock.now().toISOString())
  if (known === undefined) return undefined
  if (known.request !== sameForm(input)) {
    throw ConflictException('The client token was used with different parameters.', {
      resourceIds: [...known.taskArns],
    })
  }
  const found = await Promise.all(known.taskArns.map((arn) => taskByArn(tx, arn)))
  return found.filter((task) => task !== undefined)
}

/** `setAside` collects the tasks that hold room although nothing is on record yet. */
const start = async (
  tx: Transaction,
  call: Call,
  cluster: ClusterRecord,
  input: Request,
  setAside: TaskArn[],
): Promise<Started> => {
  const definition = await taskDefinitionNamed(tx, call.scope, input.taskDefinition)
  if (definition === undefined) throw ClientException('TaskDefinition not found.')
  if (definition.status !== 'ACTIVE') throw ClientException('TaskDefinition is inactive')
  const providers = providersOf(cluster, input)
  const platformVersion = checkedForFargate(input, definition, call)
  const network = await taskNetwork(tx, call.scope, input.networkConfiguration)

  const { group, startedBy, overrides = {} } = input
  const firstTurn = Math.floor(call.random.fraction() * network.subnets.length)
  const at = call.clock.now().toISOString()
  const wished = providers.map((capacityProviderName, index) =>
    newTask({
      cluster,
      definition,
      overrides,
      network,
      platformVersion,
      ...(capacityProviderName === undefined ? {} : { capacityProviderName }),
      ...(group === undefined ? {} : { group }),
      ...(startedBy === undefined ? {} : { startedBy }),
      enableExecuteCommand: input.enableExecuteCommand ?? false,
      tags: newTaskTags({
        given: input.tags ?? [],
        definition,
        propagated: input.propagateTags === 'TASK_DEFINITION',
        managed: input.enableECSManagedTags ?? false,
        clusterName: cluster.name,
      }),
      random: call.random,
      at,
      turn: firstTurn + index,
    }),
  )
  const failures: Failure[] = []
  const started: TaskRecord[] = []
  for (const task of wished) {
    const shortage = call.capacity?.setAside(claimOf(task))
    if (shortage !== undefined) {
      failures.push(capacityFailure(shortage))
      continue
    }
    setAside.push(task.arn)
    started.push(task)
    await tx.put(tasks, task)
  }
  // A request that started nothing may be repeated with its token.
  if (started.length > 0) await remember(tx, call, cluster, input, started)
  return { started, failures }
}

/** For each task its capacity provider, or undefined where the request names the launch type. */
const providersOf = (cluster: ClusterRecord, input: Request): (string | undefined)[] => {
  const { count = 1, launchType, capacityProviderStrategy = [] } = input
  const byDefault: readonly CapacityProviderStrategyItem[] =
    launchType === undefined ? cluster.defaultCapacityProviderStrategy : []
  const strategy = capacityProviderStrategy.length > 0 ? capacityProviderStrategy : byDefault
  if (strategy.length > 0) {
    const problem = firstOf(strategyProblems(strategy, cluster.capacityProviders))
    if (problem !== undefined) throw InvalidParameterException(problem)
    return placed(strategy, count)
  }
  if (launchType === 'FARGATE') return Array.from({ length: count }, () => undefined)
  if (input.platformVersion !== undefined) {
    throw InvalidParameterException('The platform version must be null when specifying an EC2 launch type.')
  }
  // Without a launch type ECS means EC2; there never is an instance here.
  throw InvalidParameterException('No Container Instances were found in your cluster.')
}

/** Returns the platform version that the tasks will run on. */
const checkedForFargate = (input: Request, definition: TaskDefinitionRecord, call: Call): string => {
  const problem = firstOf(
    runOnFargateProblems(input, definition),
    overrideProblems(definition, input.overrides ?? {}, call.settings.mode),
  )
  if (problem !== undefined) throw InvalidParameterException(problem)
  const platformVersion = platformVersionOf(input.platformVersion)
  if (platformVersion === undefined) throw PlatformUnknownException('The specified platform does not exist.')
  const unsupported = unsupportedFeature(definition)
  if (unsupported !== undefined) throw UnsupportedFeatureException(unsupported)
  return platformVersion
}

const remember = async (
  tx: Transaction,
  call: Call,
  cluster: ClusterRecord,
  input: Request,
  started: readonly TaskRecord[],
): Promise<void> => {
  if (input.clientToken === undefined) return
  const now = call.clock.now()
  await forgetExpiredTokens(tx, now.toISOString())
  await keepToken(tx, {
    scope: call.scope,
    clusterArn: cluster.arn,
    token: input.clientToken,
    request: sameForm(input),
    taskArns: started.map((task) => task.arn),
    expiresAt: secondsAfter(now, CLIENT_TOKEN_SECONDS),
  })
}
