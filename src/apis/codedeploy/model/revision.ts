// A revision: where the AppSpec file of a deployment is, and what an application keeps of it. Pure.

import type { GenericRevisionInfo, GitHubLocation, RevisionLocation, S3Location } from '@aws-sdk/client-codedeploy'
import { recordedTime } from '#aws/time.ts'

export type RevisionLocationRecord =
  | { readonly type: 'AppSpecContent' | 'String'; readonly content: string; readonly sha256: string }
  | { readonly type: 'S3'; readonly s3: S3Location }
  | { readonly type: 'GitHub'; readonly gitHub: GitHubLocation }

export interface RevisionRecord {
  readonly applicationId: string
  /** The same for the same revision: see `revisionKey`. */
  readonly key: string
  readonly location: RevisionLocationRecord
  readonly description?: string
  /** ISO 8601. */
  readonly registeredAt: string
  readonly firstUsedAt?: string
  readonly lastUsedAt?: string
  /** Names of the groups that it has been deployed to. */
  readonly groups: readonly string[]
}

export const revisionKey = (location: RevisionLocationRecord): string => {
  switch (location.type) {
    case 'S3':
      return `S3 ${JSON.stringify([location.s3.bucket, location.s3.key, location.s3.version, location.s3.eTag])}`
    case 'GitHub':
      return `GitHub ${JSON.stringify([location.gitHub.repository, location.gitHub.commitId])}`
    default:
      return `${location.type} ${location.sha256}`
  }
}

export const describeLocation = (location: RevisionLocationRecord): RevisionLocation => {
  switch (location.type) {
    case 'S3':
      return { revisionType: 'S3', s3Location: location.s3 }
    case 'GitHub':
      return { revisionType: 'GitHub', gitHubLocation: location.gitHub }
    case 'String':
      return { revisionType: 'String', string: { content: location.content, sha256: location.sha256 } }
    default:
      return { revisionType: 'AppSpecContent', appSpecContent: { content: location.content, sha256: location.sha256 } }
  }
}

export const describeRevision = (revision: RevisionRecord): GenericRevisionInfo => ({
  ...(revision.description === undefined ? {} : { description: revision.description }),
  deploymentGroups: [...revision.groups],
  registerTime: recordedTime(revision.registeredAt),
  ...(revision.firstUsedAt === undefined ? {} : { firstUsedTime: recordedTime(revision.firstUsedAt) }),
  ...(revision.lastUsedAt === undefined ? {} : { lastUsedTime: recordedTime(revision.lastUsedAt) }),
})
