// A role: how it is made and changed, and how IAM shows it. Pure.

import type { Role, Tag } from '@aws-sdk/client-iam'
import { roleArn } from '#aws/arn.ts'
import { recordedTime } from '#aws/time.ts'
import type { Random } from '#base/random.ts'
import { DeleteConflict, LimitExceeded, NoSuchEntity, UnmodifiableEntity, validationError } from '../errors.ts'
import {
  ATTACHED_POLICIES_PER_ROLE,
  INLINE_POLICIES_CHARACTERS,
  LONGEST_SESSION_SECONDS,
  SHORTEST_SESSION_SECONDS,
  TRUST_POLICY_CHARACTERS,
} from './limits.ts'
import { checkName, newId, requestedPath, tagged } from './names.ts'
import { checkPolicyDocument, checkPolicySize, encodedDocument, policySize } from './policy-document.ts'
import type { Owner, RoleRecord } from './records.ts'

/** Roles below this path belong to AWS's services. */
export const SERVICE_ROLE_PATH = '/aws-service-role/'

export const requestedTrustPolicy = (text: string): string => {
  checkPolicyDocument(text, 'trust')
  checkPolicySize(policySize(text), TRUST_POLICY_CHARACTERS, 'ACLSizePerRole')
  return text
}

export const requestedSessionSeconds = (seconds: number | undefined): number => {
  const value = seconds ?? SHORTEST_SESSION_SECONDS
  if (value >= SHORTEST_SESSION_SECONDS && value <= LONGEST_SESSION_SECONDS) return value
  const bound =
    value < SHORTEST_SESSION_SECONDS
      ? `greater than or equal to ${SHORTEST_SESSION_SECONDS}`
      : `less than or equal to ${LONGEST_SESSION_SECONDS}`
  throw validationError(
    `1 validation error detected: Value '${value}' at 'maxSessionDuration' failed to satisfy constraint: ` +
      `Member must have value ${bound}`,
  )
}

export interface RoleWish {
  readonly owner: Owner
  readonly name: string
  readonly path: string | undefined
  readonly description: string | undefined
  readonly trustPolicy: string
  readonly maxSessionSeconds: number | undefined
  readonly permissionsBoundary: string | undefined
  readonly tags: readonly Tag[]
  readonly now: Date
  readonly random: Random
}

export const newRole = (wish: RoleWish): RoleRecord => {
  checkName(wish.name, 'roleName')
  const path = requestedPath(wish.path)
  return {
    id: newId('AROA', wish.random),
    owner: wish.owner,
    arn: roleArn(wish.owner, path, wish.name),
    name: wish.name,
    path,
    ...(wish.description === undefined ? {} : { description: wish.description }),
    trustPolicy: requestedTrustPolicy(wish.trustPolicy),
    maxSessionSeconds: requestedSessionSeconds(wish.maxSessionSeconds),
    ...(wish.permissionsBoundary === undefined ? {} : { permissionsBoundary: wish.permissionsBoundary }),
    inlinePolicies: [],
    attachedPolicyArns: [],
    tags: tagged([], wish.tags),
    createdAt: wish.now.toISOString(),
  }
}

/** Refuses to touch a role that belongs to one of AWS's services. */
export const checkModifiable = (role: RoleRecord): void => {
  if (!role.path.startsWith(SERVICE_ROLE_PATH)) return
  throw UnmodifiableEntity(
    `Cannot perform the operation on the protected role '${role.name}' - ` +
      'this role is only modifiable by AWS services.',
  )
}

export const checkDeletable = (role: RoleRecord): void => {
  if (role.attachedPolicyArns.length > 0) throw DeleteConflict('Cannot delete entity, must detach all policies first.')
  if (role.inlinePolicies.length > 0) throw DeleteConflict('Cannot delete entity, must delete policies first.')
}

/** Attaching what is attached does nothing. */
export const withAttached = (role: RoleRecord, arn: string): RoleRecord => {
  if (role.attachedPolicyArns.includes(arn)) return role
  if (role.attachedPolicyArns.length >= ATTACHED_POLICIES_PER_ROLE) {
    throw LimitExceeded(`Cannot exceed quota for PoliciesPerRole: ${ATTACHED_POLICIES_PER_ROLE}`)
  }
  return { ...role, attachedPolicyArns: [...role.attachedPolicyArns, arn] }
}

export const withoutAttached = (role: RoleRecord, arn: string): RoleRecord => {
  if (!role.attachedPolicyArns.includes(arn)) throw NoSuchEntity(`Policy ${arn} was not found.`)
  return { ...role, attachedPolicyArns: role.attachedPolicyArns.filter((other) => other !== arn) }
}

export const withInline = (role: RoleRecord, name: string, document: string): RoleRecord => {
  checkName(name, 'policyName')
  checkPolicyDocument(document, 'identity')
  const inlinePolicies = [...role.inlinePolicies.filter((policy) => policy.name !== name), { name, document }]
  const size = inlinePolicies.reduce((sum, policy) => sum + policySize(policy.document), 0)
  if (size > INLINE_POLICIES_CHARACTERS) {
    throw LimitExceeded(`Maximum policy size of ${INLINE_POLICIES_CHARACTERS} bytes exceeded for role ${role.name}`)
  }
  return { ...role, inlinePolicies }
}

export const inlinePolicy = (role: RoleRecord, name: string): RoleRecord['inlinePolicies'][number] => {
  const policy = role.inlinePolicies.find((each) => each.name === name)
  if (policy === undefined) throw NoSuchEntity(`The role policy with name ${name} cannot be found.`)
  return policy
}

export const withoutInline = (role: RoleRecord, name: string): RoleRecord => {
  inlinePolicy(role, name)
  return { ...role, inlinePolicies: role.inlinePolicies.filter((policy) => policy.name !== name) }
}

/** As List shows it: without tags, boundary and last use. */
export const describeRole = (role: RoleRecord): Role => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: role.arn,
  CreateDate: recordedTime(role.createdAt),
  AssumeRolePolicyDocument: encodedDocument(role.trustPolicy),
  ...(role.description === undefined ? {} : { Description: role.description }),
  MaxSessionDuration: role.maxSessionSeconds,
})

export const describeRoleInFull = (role: RoleRecord): Role => ({
  ...describeRole(role),
  ...(role.permissionsBoundary === undefined
    ? {}
    : {
        PermissionsBoundary: {
          PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
          PermissionsBoundaryArn: role.permissionsBoundary,
        },
      }),
  Tags: [...role.tags],
  RoleLastUsed: {},
})
