// Lists the names of all deployment configurations, AWS's own for ECS included.

import type { ListDeploymentConfigsInput, ListDeploymentConfigsOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { PREDEFINED } from '../model/deployment-config.ts'
import { page } from '../paging.ts'
import { configsOfScope } from '../tables.ts'

export const listDeploymentConfigs: Operation<ListDeploymentConfigsInput, ListDeploymentConfigsOutput> = async (
  input,
  call,
) => {
  const own = await call.store.read((reader) => configsOfScope(reader, call.scope))
  const names = [...Object.keys(PREDEFINED), ...own.map(({ name }) => name)]
  const { items, nextToken } = page(call, input.nextToken, names, {
    filters: ['ListDeploymentConfigs'],
    keyOf: (name) => name,
  })
  return { deploymentConfigsList: items, nextToken }
}
