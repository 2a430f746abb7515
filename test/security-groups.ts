// Security groups in tests: short words to make one, and to say who may come in.

import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  type IpPermission,
} from '@aws-sdk/client-ec2'
import type { Instance } from './instance.ts'

/** Makes a group of the VPC that lets these in. Returns its id. */
export const securityGroup = async (
  { ec2 }: Instance,
  VpcId: string,
  GroupName: string,
  ...IpPermissions: readonly IpPermission[]
): Promise<string> => {
  const made = await ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: GroupName, VpcId }))
  const GroupId = made.GroupId ?? ''
  if (IpPermissions.length > 0)
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [...IpPermissions] }))
  return GroupId
}

/** Whoever is in that group, to that port. */
export const fromGroup = (GroupId: string, IpProtocol: 'tcp' | 'udp', port: number): IpPermission => ({
  IpProtocol,
  FromPort: port,
  ToPort: port,
  UserIdGroupPairs: [{ GroupId }],
})
