// Lists the names of an application's deployment groups.

import type { ListDeploymentGroupsInput, ListDeploymentGroupsOutput } from '@aws-sdk/client-codedeploy'
import type { Operation } from '#aws/operation.ts'
import { page } from '../paging.ts'
import { existingApplication, groupsOfApplication } from '../tables.ts'

export const listDeploymentGroups: Operation<ListDeploymentGroupsInput, ListDeploymentGroupsOutput> = async (
  input,
  call,
) => {
  const { applicationName } = input
  const names = await call.store.read(async (reader) => {
    const application = await existingApplication(reader, call.scope, applicationName)
    return (await groupsOfApplication(reader, application)).map(({ spec }) => spec.name)
  })
  const { items, nextToken } = page(call, input.nextToken, names, {
    filters: ['ListDeploymentGroups', applicationName],
    keyOf: (name) => name,
  })
  return { applicationName, deploymentGroups: items, nextToken }
}
