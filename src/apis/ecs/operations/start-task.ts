// StartTask: places a task on named container instances, of which Fargate has none.

import type { StartTaskRequest, StartTaskResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { ClientException, InvalidParameterException } from '../errors.ts'
import { activeCluster, taskDefinitionNamed } from '../tables.ts'

export const startTask: Operation<StartTaskRequest, StartTaskResponse> = async (input, call) =>
  call.store.read(async (reader) => {
    await activeCluster(reader, call.scope, input.cluster)
    const definition = await taskDefinitionNamed(reader, call.scope, input.taskDefinition)
    if (definition === undefined) throw ClientException('TaskDefinition not found.')
    if (definition.status !== 'ACTIVE') throw ClientException('TaskDefinition is inactive')
    const { requiresCompatibilities } = definition
    if (requiresCompatibilities.includes('FARGATE') && !requiresCompatibilities.includes('EC2')) {
      throw InvalidParameterException('Task definition does not support launch_type EC2.')
    }
    return { tasks: [], failures: input.containerInstances.map((arn) => ({ arn, reason: 'MISSING' })) }
  })
