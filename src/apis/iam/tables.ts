// The tables of IAM, and the only questions anyone may ask of them.

import type { Scope } from '#aws/scope.ts'
import { parseArn } from '#aws/arn.ts'
import { type Reader, table, type Transaction } from '#store/store.ts'
import { EntityAlreadyExists, NoSuchEntity } from './errors.ts'
import { managedPolicies } from './model/managed-policies.ts'
import type { Owner, PolicyRecord, RoleRecord } from './model/records.ts'
import { checkModifiable } from './model/role.ts'

/** IAM is global: only the account counts. */
export const ownerOf = ({ partition, account }: Scope): Owner => ({ partition, account })

/** Names that differ in case only are the same name to IAM. */
const roleKey = (account: string, name: string): string => `${account}/${name.toLowerCase()}`

export const roles = table<RoleRecord>({
  name: 'iam.roles',
  key: (role) => roleKey(role.owner.account, role.name),
  indexes: {
    account: (role) => [role.owner.account],
    policy: (role) => role.attachedPolicyArns.map((arn) => `${role.owner.account} ${arn}`),
  },
})

export const policies = table<PolicyRecord>({
  name: 'iam.policies',
  key: (policy) => roleKey(policy.owner.account, policy.name),
  indexes: { account: (policy) => [policy.owner.account], arn: (policy) => [policy.arn] },
})

export const rolesOf = (reader: Reader, { account }: Owner): Promise<RoleRecord[]> =>
  reader.list(roles, { index: 'account', value: account })

export const existingRole = async (reader: Reader, { account }: Owner, name: string): Promise<RoleRecord> => {
  const role = await reader.get(roles, roleKey(account, name))
  if (role === undefined || role.name !== name) throw NoSuchEntity(`The role with name ${name} cannot be found.`)
  return role
}

/** For whoever assumes a role; undefined when there is none with this ARN. */
export const roleByArn = async (reader: Reader, arn: string): Promise<RoleRecord | undefined> => {
  const parts = parseArn(arn)
  if (parts?.service !== 'iam' || !parts.resource.startsWith('role/')) return undefined
  const name = parts.resource.slice(parts.resource.lastIndexOf('/') + 1)
  const role = await reader.get(roles, roleKey(parts.account, name))
  return role?.arn === arn ? role : undefined
}

/** Refuses a second role of the same name. */
export const putNewRole = async (tx: Transaction, role: RoleRecord, message: string): Promise<void> => {
  if ((await tx.get(roles, roles.key(role))) !== undefined) throw EntityAlreadyExists(message)
  await tx.put(roles, role)
}

/** Reads a role, changes it and writes it back; refuses for roles that belong to AWS's services. */
export const changeRole = async (
  tx: Transaction,
  owner: Owner,
  name: string,
  change: (role: RoleRecord) => RoleRecord,
): Promise<void> => {
  const role = await existingRole(tx, owner, name)
  checkModifiable(role)
  await tx.put(roles, change(role))
}

/** AWS's own, then the account's. */
export const policiesOf = async (reader: Reader, owner: Owner): Promise<PolicyRecord[]> => [
  ...managedPolicies(owner.partition),
  ...(await reader.list(policies, { index: 'account', value: owner.account })),
]

/** One of AWS's policies or one of the account's; undefined for another account's. */
export const policyByArn = async (reader: Reader, owner: Owner, arn: string): Promise<PolicyRecord | undefined> =>
  managedPolicies(owner.partition).find((policy) => policy.arn === arn) ??
  (await reader.list(policies, { index: 'arn', value: arn, limit: 1 })).find(
    (policy) => policy.owner.account === owner.account,
  )

export const existingPolicy = async (reader: Reader, owner: Owner, arn: string): Promise<PolicyRecord> => {
  const policy = await policyByArn(reader, owner, arn)
  if (policy === undefined) throw NoSuchEntity(`Policy ${arn} was not found.`)
  return policy
}

/** One that its owner may change: not AWS's. */
export const ownPolicy = async (reader: Reader, owner: Owner, arn: string): Promise<PolicyRecord> => {
  const policy = await reader.list(policies, { index: 'arn', value: arn, limit: 1 })
  const own = policy.find((each) => each.owner.account === owner.account)
  if (own === undefined) throw NoSuchEntity(`Policy ${arn} was not found.`)
  return own
}

/** How many roles of the account have this policy. */
export const attachmentCount = (reader: Reader, { account }: Owner, arn: string): Promise<number> =>
  reader.count(roles, { index: 'policy', value: `${account} ${arn}` })
