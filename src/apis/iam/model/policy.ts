// A managed policy with its versions, and how IAM shows it. Pure.

import type { Policy, PolicyVersion, Tag } from '@aws-sdk/client-iam'
import { policyArn } from '#aws/arn.ts'
import { recordedTime } from '#aws/time.ts'
import type { Random } from '#base/random.ts'
import { DeleteConflict, LimitExceeded, NoSuchEntity } from '../errors.ts'
import { MANAGED_POLICY_CHARACTERS, VERSIONS_PER_POLICY } from './limits.ts'
import { checkName, newId, requestedPath, tagged } from './names.ts'
import { checkPolicyDocument, checkPolicySize, encodedDocument, policySize } from './policy-document.ts'
import type { Owner, PolicyRecord, PolicyVersionRecord } from './records.ts'

/** A document for a managed policy; refused when malformed or too long. */
export const requestedDocument = (text: string): string => {
  checkPolicyDocument(text, 'identity')
  checkPolicySize(policySize(text), MANAGED_POLICY_CHARACTERS, 'PolicySize')
  return text
}

export const newPolicy = (wish: {
  readonly owner: Owner
  readonly name: string
  readonly path: string | undefined
  readonly description: string | undefined
  readonly document: string
  readonly tags: readonly Tag[]
  readonly now: Date
  readonly random: Random
}): PolicyRecord => {
  checkName(wish.name, 'policyName')
  const path = requestedPath(wish.path)
  const createdAt = wish.now.toISOString()
  return {
    id: newId('ANPA', wish.random),
    owner: wish.owner,
    arn: policyArn(wish.owner, path, wish.name),
    name: wish.name,
    path,
    ...(wish.description === undefined ? {} : { description: wish.description }),
    versions: [{ id: 'v1', document: requestedDocument(wish.document), createdAt }],
    defaultVersionId: 'v1',
    lastVersion: 1,
    tags: tagged([], wish.tags),
    createdAt,
    updatedAt: createdAt,
  }
}

export const withVersion = (
  policy: PolicyRecord,
  text: string,
  isDefault: boolean,
  now: Date,
): { readonly policy: PolicyRecord; readonly version: PolicyVersionRecord } => {
  if (policy.versions.length >= VERSIONS_PER_POLICY) {
    throw LimitExceeded(
      `A managed policy can have up to ${VERSIONS_PER_POLICY} versions. ` +
        'Before you create a new version, you must delete an existing version.',
    )
  }
  const lastVersion = policy.lastVersion + 1
  const createdAt = now.toISOString()
  const version = { id: `v${lastVersion}`, document: requestedDocument(text), createdAt }
  return {
    version,
    policy: {
      ...policy,
      versions: [...policy.versions, version],
      lastVersion,
      updatedAt: createdAt,
      defaultVersionId: isDefault ? version.id : policy.defaultVersionId,
    },
  }
}

export const versionOf = (policy: PolicyRecord, id: string): PolicyVersionRecord => {
  const version = policy.versions.find((each) => each.id === id)
  if (version !== undefined) return version
  throw NoSuchEntity(`Policy ${policy.arn} version ${id} does not exist or is not attachable.`)
}

export const withoutVersion = (policy: PolicyRecord, id: string): PolicyRecord => {
  versionOf(policy, id)
  if (id === policy.defaultVersionId) throw DeleteConflict('Cannot delete the default version of a policy.')
  return { ...policy, versions: policy.versions.filter((version) => version.id !== id) }
}

/** `attachments`: how many roles have it. */
export const describePolicy = (policy: PolicyRecord, attachments: number): Policy => ({
  PolicyName: policy.name,
  PolicyId: policy.id,
  Arn: policy.arn,
  Path: policy.path,
  DefaultVersionId: policy.defaultVersionId,
  AttachmentCount: attachments,
  PermissionsBoundaryUsageCount: 0,
  IsAttachable: true,
  CreateDate: recordedTime(policy.createdAt),
  UpdateDate: recordedTime(policy.updatedAt),
})

/** Get answers what List leaves out. */
export const describePolicyInFull = (policy: PolicyRecord, attachments: number): Policy => ({
  ...describePolicy(policy, attachments),
  ...(policy.description === undefined ? {} : { Description: policy.description }),
  Tags: [...policy.tags],
})

export const describeVersion = (policy: PolicyRecord, version: PolicyVersionRecord): PolicyVersion => ({
  VersionId: version.id,
  IsDefaultVersion: version.id === policy.defaultVersionId,
  CreateDate: recordedTime(version.createdAt),
})

export const describeVersionInFull = (policy: PolicyRecord, version: PolicyVersionRecord): PolicyVersion => ({
  ...describeVersion(policy, version),
  Document: encodedDocument(version.document),
})
