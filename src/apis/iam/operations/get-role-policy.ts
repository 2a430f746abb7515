// Shows a policy that is written into a role.

import type { GetRolePolicyRequest, GetRolePolicyResponse } from '@aws-sdk/client-iam'
import type { Operation } from '#aws/operation.ts'
import { encodedDocument } from '../model/policy-document.ts'
import { inlinePolicy } from '../model/role.ts'
import { existingRole, ownerOf } from '../tables.ts'

export const getRolePolicy: Operation<GetRolePolicyRequest, GetRolePolicyResponse> = async (input, call) => {
  const role = await call.store.read((reader) => existingRole(reader, ownerOf(call.scope), input.RoleName))
  const { name, document } = inlinePolicy(role, input.PolicyName)
  return { RoleName: role.name, PolicyName: name, PolicyDocument: encodedDocument(document) }
}
