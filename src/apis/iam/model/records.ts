// Roles and policies as records. IAM is global: an account has one set, whatever the region.

import type { Tag } from '@aws-sdk/client-iam'
import type { RoleArn } from '#aws/arn.ts'

/** Whose it is; regions do not count. */
export interface Owner {
  readonly partition: string
  readonly account: string
}

export interface RoleRecord {
  /** "AROA…" */
  readonly id: string
  readonly owner: Owner
  readonly arn: RoleArn
  readonly name: string
  /** Starts and ends with "/". */
  readonly path: string
  readonly description?: string
  /** JSON, as it was given. */
  readonly trustPolicy: string
  readonly maxSessionSeconds: number
  readonly permissionsBoundary?: string
  readonly inlinePolicies: readonly { readonly name: string; readonly document: string }[]
  readonly attachedPolicyArns: readonly string[]
  readonly tags: readonly Tag[]
  /** ISO 8601. */
  readonly createdAt: string
}

export interface PolicyVersionRecord {
  /** "v1", "v2", …: numbers are not used again. */
  readonly id: string
  /** JSON, as it was given. */
  readonly document: string
  readonly createdAt: string
}

export interface PolicyRecord {
  /** "ANPA…" */
  readonly id: string
  readonly owner: Owner
  readonly arn: string
  readonly name: string
  readonly path: string
  readonly description?: string
  readonly versions: readonly PolicyVersionRecord[]
  readonly defaultVersionId: string
  readonly lastVersion: number
  readonly tags: readonly Tag[]
  readonly createdAt: string
  readonly updatedAt: string
}
