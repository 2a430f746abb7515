// ECS's door: its operations.

import { type Api, api } from '#aws/operation.ts'
import { createCluster } from './operations/create-cluster.ts'
import { describeClusters } from './operations/describe-clusters.ts'
import { describeTasks } from './operations/describe-tasks.ts'
import { registerTaskDefinition } from './operations/register-task-definition.ts'
import { runTask } from './operations/run-task.ts'
import { stopTask } from './operations/stop-task.ts'

export const ecs: Api = api<typeof import('@aws-sdk/client-ecs')>('ecs', {
  CreateCluster: createCluster,
  DescribeClusters: describeClusters,
  DescribeTasks: describeTasks,
  RegisterTaskDefinition: registerTaskDefinition,
  RunTask: runTask,
  StopTask: stopTask,
})
