// Lists the ids of deployments, newest first: all, or those of a group, by status and time of creation.

import type { ListDeploymentsInput, ListDeploymentsOutput } from '@aws-sdk/client-codedeploy'
import { milliseconds } from '#aws/time.ts'
import type { Call, Checked, Operation } from '#aws/operation.ts'
import type { Reader } from '#store/store.ts'
import {
  ApplicationNameRequiredException,
  DeploymentGroupNameRequiredException,
  InvalidTimeRangeException,
} from '../errors.ts'
import type { DeploymentRecord } from '../model/deployment.ts'
import { page } from '../paging.ts'
import { deploymentsOfGroup, deploymentsOfScope, existingApplication, existingGroup } from '../tables.ts'

type Input = Checked<ListDeploymentsInput>

const named = async (reader: Reader, call: Call, input: Input): Promise<DeploymentRecord[]> => {
  const { applicationName, deploymentGroupName } = input
  if (applicationName === undefined) {
    if (deploymentGroupName !== undefined) throw ApplicationNameRequiredException('Application name is missing')
    return deploymentsOfScope(reader, call.scope)
  }
  const application = await existingApplication(reader, call.scope, applicationName)
  if (deploymentGroupName === undefined) {
    throw DeploymentGroupNameRequiredException('Deployment Group name is missing')
  }
  return deploymentsOfGroup(reader, (await existingGroup(reader, application, deploymentGroupName)).id)
}

const matches =
  ({ includeOnlyStatuses = [], createTimeRange: { start, end } = {} }: Input) =>
  ({ createdAt, progress }: DeploymentRecord): boolean => {
    const at = milliseconds(createdAt)
    return (
      (includeOnlyStatuses.length === 0 || includeOnlyStatuses.includes(progress.state)) &&
      (start === undefined || at >= start.getTime()) &&
      (end === undefined || at <= end.getTime())
    )
  }

export const listDeployments: Operation<ListDeploymentsInput, ListDeploymentsOutput> = async (input, call) => {
  const { nextToken: token, ...filters } = input
  const { start, end } = input.createTimeRange ?? {}
  if (start !== undefined && end !== undefined && start > end) {
    throw InvalidTimeRangeException('The start of the time range must not be after its end')
  }
  const all = (await call.store.read((reader) => named(reader, call, input))).filter(matches(input))
  const { items, nextToken } = page(call, token, all, {
    filters: ['ListDeployments', filters],
    keyOf: ({ createdAt, id }) => `${createdAt} ${id}`,
    descending: true,
  })
  return { deployments: items.map(({ id }) => id), nextToken }
}
