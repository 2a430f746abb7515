// Where tags are kept: on applications and deployment groups, named by their ARNs.

import { codeDeployApplicationArn, codeDeployGroupArn, parseArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import type { Reader, Transaction } from '#store/store.ts'
import { ArnNotSupportedException, InvalidArnException } from './errors.ts'
import type { ApplicationRecord } from './model/application.ts'
import type { DeploymentGroupRecord } from './model/deployment-group.ts'
import type { TagRecord } from './model/tags.ts'
import { applications, deploymentGroups, existingApplication, existingGroup } from './tables.ts'

type Tagged = { readonly application: ApplicationRecord; readonly group?: DeploymentGroupRecord }

/** Refuses an ARN of something that has no tags, or is not there. */
const named = async (reader: Reader, scope: Scope, arn: string): Promise<Tagged> => {
  const parts = parseArn(arn)
  if (parts?.service !== 'codedeploy') throw InvalidArnException(`The ARN ${arn} is not valid`)
  const [kind, name = ''] = parts.resource.split(/:(.*)/s)
  const [applicationName = '', groupName = ''] = name.split('/')
  const isApplication = kind === 'application' && arn === codeDeployApplicationArn(scope, name)
  const isGroup = kind === 'deploymentgroup' && arn === codeDeployGroupArn(scope, applicationName, groupName)
  if (!isApplication && !isGroup) throw ArnNotSupportedException(`The ARN ${arn} is not supported`)
  const application = await existingApplication(reader, scope, isApplication ? name : applicationName)
  return isApplication ? { application } : { application, group: await existingGroup(reader, application, groupName) }
}

export const tagsOf = async (reader: Reader, scope: Scope, arn: string): Promise<readonly TagRecord[]> => {
  const { application, group } = await named(reader, scope, arn)
  return (group ?? application).tags
}

export const retag = async (
  tx: Transaction,
  scope: Scope,
  arn: string,
  change: (tags: readonly TagRecord[]) => readonly TagRecord[],
): Promise<void> => {
  const { application, group } = await named(tx, scope, arn)
  if (group === undefined) await tx.put(applications, { ...application, tags: change(application.tags) })
  else await tx.put(deploymentGroups, { ...group, tags: change(group.tags) })
}
