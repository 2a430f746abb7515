// A CodeDeploy application: the name under which deployment groups and revisions are kept. Pure.

import type { ApplicationInfo } from '@aws-sdk/client-codedeploy'
import type { Scope } from '#aws/scope.ts'
import { recordedTime } from '#aws/time.ts'
import type { TagRecord } from './tags.ts'

export interface ApplicationRecord {
  /** A UUID: the name may change. */
  readonly id: string
  readonly scope: Scope
  readonly name: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly tags: readonly TagRecord[]
}

export const describeApplication = ({ id, name, createdAt }: ApplicationRecord): ApplicationInfo => ({
  applicationId: id,
  applicationName: name,
  createTime: recordedTime(createdAt),
  linkedToGitHub: false,
  computePlatform: 'ECS',
})
