// Revisions as requests name them, and what an application remembers of each.

import { createHash } from 'node:crypto'
import type { RevisionLocation } from '@aws-sdk/client-codedeploy'
import type { Transaction } from '#store/store.ts'
import { InvalidRevisionException, RevisionRequiredException } from './errors.ts'
import type { ApplicationRecord } from './model/application.ts'
import { type RevisionLocationRecord, revisionKey, type RevisionRecord } from './model/revision.ts'
import { keepRevision, revisions } from './tables.ts'

const hashed = (content: string): string => createHash('sha256').update(content).digest('hex')

const inline = (
  type: 'AppSpecContent' | 'String',
  given: { readonly content?: string | undefined; readonly sha256?: string | undefined } | undefined,
): RevisionLocationRecord => {
  const { content = '', sha256 } = given ?? {}
  if (content === '') throw InvalidRevisionException('The content of the revision must be specified')
  const own = hashed(content)
  if (sha256 !== undefined && sha256.toLowerCase() !== own) {
    throw InvalidRevisionException('The SHA256 hash value does not match the content of the revision')
  }
  return { type, content, sha256: own }
}

/** Refuses what names no revision. */
export const requestedLocation = (revision: RevisionLocation | undefined): RevisionLocationRecord => {
  if (revision === undefined) throw RevisionRequiredException('RevisionLocation must be specified')
  switch (revision.revisionType) {
    case 'AppSpecContent':
      return inline('AppSpecContent', revision.appSpecContent)
    case 'String':
      return inline('String', revision.string)
    case 'S3': {
      const { bucket, key, bundleType } = revision.s3Location ?? {}
      if (!bucket || !key) throw InvalidRevisionException('The bucket and key of the S3 location must be specified')
      if (bundleType !== 'YAML' && bundleType !== 'JSON') {
        throw InvalidRevisionException('BundleType must be either YAML or JSON')
      }
      return { type: 'S3', s3: revision.s3Location ?? {} }
    }
    case 'GitHub':
      throw InvalidRevisionException('For ECS deployment group, revision type can only be S3, String or AppSpecContent')
    default:
      throw InvalidRevisionException('The revision type must be specified')
  }
}

/** Remembers the revision, and, where it is deployed, to which group. */
export const noteRevision = async (
  tx: Transaction,
  application: ApplicationRecord,
  location: RevisionLocationRecord,
  note: { readonly at: string; readonly description?: string | undefined; readonly group?: string },
): Promise<void> => {
  const key = revisionKey(location)
  const known = await tx.get(revisions, `${application.id} ${key}`)
  const row: RevisionRecord = known ?? {
    applicationId: application.id,
    key,
    location,
    registeredAt: note.at,
    groups: [],
  }
  const { description, group } = note
  await keepRevision(tx, {
    ...row,
    ...(description === undefined ? {} : { description }),
    ...(group === undefined
      ? {}
      : {
          firstUsedAt: row.firstUsedAt ?? note.at,
          lastUsedAt: note.at,
          groups: [...new Set([...row.groups, group])],
        }),
  })
}
