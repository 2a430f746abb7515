// DescribeTaskDefinition: one revision, or the newest active one of a family.

import type { DescribeTaskDefinitionRequest, DescribeTaskDefinitionResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { ClientException } from '../errors.ts'
import { describeTaskDefinition as described } from '../model/describe-task-definition.ts'
import { taskDefinitionNamed } from '../tables.ts'

export const describeTaskDefinition: Operation<DescribeTaskDefinitionRequest, DescribeTaskDefinitionResponse> = async (
  input,
  call,
) => {
  const definition = await call.store.read((reader) => taskDefinitionNamed(reader, call.scope, input.taskDefinition))
  if (definition === undefined) throw ClientException('Unable to describe task definition.')
  const tags = input.include?.includes('TAGS') ? [...definition.tags] : []
  return { taskDefinition: described(definition), tags }
}
