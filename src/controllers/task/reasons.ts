// The words in which ECS says why a task or a container ended. Clients match on them. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html

import { REASON_CHARACTERS } from './limits.ts'

export const ESSENTIAL_EXITED = 'Essential container in task exited'
export const OUT_OF_MEMORY = 'OutOfMemoryError: Container killed due to memory usage'
export const INTERFACE_TIMEOUT = 'Timeout waiting for network interface provisioning to complete.'
export const LOG_GROUP_MISSING =
  'ResourceInitializationError: The task cannot find the Amazon CloudWatch log group defined in the task definition. There is a connection issue between the task and Amazon CloudWatch. Check your network configuration.'
export const LOST = 'The host lost the task: its containers are no longer known to the container engine.'

const bounded = (text: string): string => text.slice(0, REASON_CHARACTERS)

export const lostContainer = (id: string): string =>
  `CannotInspectContainerError: container ${id} is no longer known to the container engine`

/** As seen in stopped tasks: "… with public IP assignment enabled in subnet 'subnet-…': InsufficientFreeAddresses…". */
export const interfaceRefused = (subnetId: string, assignPublicIp: boolean, cause: string): string =>
  bounded(
    `Unexpected EC2 error while attempting to Create Network Interface with public IP assignment ${
      assignPublicIp ? 'enabled' : 'disabled'
    } in subnet '${subnetId}': ${cause}`,
  )

/** The agent's own words (amazon-ecs-agent, TaskDependencyError). */
export const dependencyFailed = (taskArn: string): string =>
  `TaskDependencyError: Task dependencies cannot be resolved, taskArn: ${taskArn}`

export const dependencyUnresolved = (on: string, target: string, how: string): string =>
  bounded(`dependency graph: container ordering dependency [${on}] for target [${target}] ${how}`)

export const pullFailed = (message: string): string => bounded(`CannotPullContainerError: ${message}`)

export const initializationFailed = (message: string): string => bounded(`ResourceInitializationError: ${message}`)

/** The engine tells it in runc's words under containerd; Fargate puts these before them. */
export const startFailed = (message: string): string =>
  bounded(`CannotStartContainerError: Error: failed to create task for container: ${message}`)
