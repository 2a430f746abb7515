// Deletes a security group that nobody is in and no other group's rule names.

import type { DeleteSecurityGroupRequest, DeleteSecurityGroupResult } from '@aws-sdk/client-ec2'
import type { Operation } from '#aws/operation.ts'
import { loadBalancersInGroup } from '../../elbv2/tables.ts'
import { dependencyViolation, ec2Error } from '../errors.ts'
import { DEFAULT_GROUP } from '../model/security-group.ts'
import { ec2Key, namedGroup, networkInterfaces, ofVpc, securityGroups } from '../tables.ts'

export const deleteSecurityGroup: Operation<DeleteSecurityGroupRequest, DeleteSecurityGroupResult> = async (
  input,
  call,
) => {
  const { scope } = call
  const id = await call.store.write(async (tx) => {
    const group = await namedGroup(tx, scope, input)
    if (group.name === DEFAULT_GROUP) {
      const message = `the specified group: "${group.id}" name: "${group.name}" cannot be deleted by a user`
      throw ec2Error('CannotDelete', message)
    }
    const members = await ofVpc(tx, networkInterfaces, scope, group.vpcId)
    const others = await ofVpc(tx, securityGroups, scope, group.vpcId)
    const isInUse =
      (await loadBalancersInGroup(tx, scope, group.id)).length > 0 ||
      members.some((one) => one.spec.securityGroupIds.includes(group.id)) ||
      others.some((other) => other.id !== group.id && other.rules.some((rule) => rule.referencedGroupId === group.id))
    if (isInUse) throw dependencyViolation(`resource ${group.id} has a dependent object`)
    await tx.delete(securityGroups, ec2Key(scope, group.id))
    return group.id
  })
  return { Return: true, GroupId: id }
}
