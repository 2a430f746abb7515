// The two ways in which callers write rules: a list of permissions, or one permission in top-level parameters. Pure.

import type { AuthorizeSecurityGroupIngressRequest, IpPermission } from '@aws-sdk/client-ec2'
import { invalidCombination, missingParameter } from '../errors.ts'

type Flat = Pick<
  AuthorizeSecurityGroupIngressRequest,
  'IpPermissions' | 'IpProtocol' | 'FromPort' | 'ToPort' | 'CidrIp' | 'SourceSecurityGroupName'
>

/** The permissions of an Authorize or Revoke call. */
export const requestedPermissions = (input: Flat): IpPermission[] => {
  const listed = input.IpPermissions ?? []
  const isFlat =
    input.IpProtocol !== undefined || input.CidrIp !== undefined || input.SourceSecurityGroupName !== undefined
  if (isFlat && listed.length > 0) {
    throw invalidCombination('The parameter ipPermissions may not be used with the parameter ipProtocol')
  }
  if (listed.length > 0) return listed
  if (!isFlat) throw missingParameter('ipPermissions')
  return [
    {
      IpProtocol: input.IpProtocol,
      FromPort: input.FromPort,
      ToPort: input.ToPort,
      IpRanges: input.CidrIp === undefined ? [] : [{ CidrIp: input.CidrIp }],
      UserIdGroupPairs:
        input.SourceSecurityGroupName === undefined ? [] : [{ GroupName: input.SourceSecurityGroupName }],
    },
  ]
}
