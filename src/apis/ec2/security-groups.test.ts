// Security groups and their rules as a caller sees them.

import type * as sdk from '@aws-sdk/client-ec2'
import { describe, expect, it } from 'vitest'
import { ask, call, group, networkInterface, subnet, tcp, vpc } from '#test/ec2-calls.ts'
import { refusal } from '#test/refusal.ts'
import { knownCidr } from './model/cidr.ts'
import { RULES_PER_GROUP } from './model/limits.ts'
import { newVpc } from './model/vpc.ts'
import { securityGroups, vpcs } from './tables.ts'

describe('security groups', () => {
  it.each([
    [
      { GroupName: 'sg-x', Description: 'd' },
      'Value (sg-x) for parameter GroupName is invalid. Group names may not be in the format sg-*.',
    ],
    [{ GroupName: 'default', Description: 'd' }, 'Cannot use reserved security group name: default'],
    [{ GroupName: 'web', Description: '' }, 'The request must contain the parameter GroupDescription'],
  ])('cannot be made as %j', async (input, message) => {
    await expect(ask('CreateSecurityGroup', { ...input, VpcId: await vpc() })).rejects.toMatchObject({ message })
  })

  it('have names that are unique in their VPC', async () => {
    const id = await vpc()
    await group(id)
    await expect(group(id)).rejects.toEqual(
      refusal('InvalidGroup.Duplicate', `The security group 'web' already exists for VPC '${id}'`),
    )
    await group(await vpc('10.1.0.0/16'))
  })

  it('are found by name in the default VPC', async () => {
    const made = newVpc({
      scope: call.scope,
      cidr: knownCidr('172.31.0.0/16'),
      isDefault: true,
      tags: [],
      random: call.random,
    })
    await expect(ask('DescribeSecurityGroups', { GroupNames: ['default'] })).rejects.toEqual(
      refusal('VPCIdNotSpecified', 'No default VPC for this user'),
    )
    await call.store.write(async (tx) => {
      await tx.put(vpcs, made.vpc)
      await tx.put(securityGroups, made.securityGroup)
    })
    expect(await ask('DescribeSecurityGroups', { GroupNames: ['default'] })).toMatchObject({
      SecurityGroups: [{ GroupId: made.securityGroup.id }],
    })
    await expect(ask('DescribeSecurityGroups', { GroupNames: ['none'] })).rejects.toEqual(
      refusal('InvalidGroup.NotFound', `The security group 'none' does not exist in default VPC '${made.vpc.id}'`),
    )
  })

  it('are not deleted while somebody is in them or names them', async () => {
    const id = await vpc()
    const [web, data] = [await group(id, 'web'), await group(id, 'data')]
    const pair = { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: web }] }
    await ask('AuthorizeSecurityGroupIngress', { GroupId: data, IpPermissions: [pair] })
    await expect(ask('DeleteSecurityGroup', { GroupId: web })).rejects.toEqual(
      refusal('DependencyViolation', `resource ${web} has a dependent object`),
    )
    await ask('DeleteSecurityGroup', { GroupId: data })
    await networkInterface(await subnet(id), web)
    await expect(ask('DeleteSecurityGroup', { GroupId: web })).rejects.toMatchObject({ code: 'DependencyViolation' })
    const [main] = (await ask('DescribeSecurityGroups', { Filters: [{ Name: 'group-name', Values: ['default'] }] }))
      .SecurityGroups!
    await expect(ask('DeleteSecurityGroup', { GroupId: main!.GroupId! })).rejects.toEqual(
      refusal('CannotDelete', `the specified group: "${main!.GroupId}" name: "default" cannot be deleted by a user`),
    )
  })
})

describe('security group rules', () => {
  it('are added, shown together and one by one, and taken away', async () => {
    const GroupId = await group(await vpc())
    const { SecurityGroupRules } = await ask('AuthorizeSecurityGroupIngress', {
      GroupId,
      IpPermissions: [
        {
          IpProtocol: '6',
          FromPort: 80,
          ToPort: 80,
          IpRanges: [{ CidrIp: '10.1.2.3/8', Description: 'inside' }],
          Ipv6Ranges: [{ CidrIpv6: '2001:DB8::/32' }],
        },
        { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, UserIdGroupPairs: [{ GroupId }] },
      ],
      TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: [{ Key: 'a', Value: 'b' }] }],
    })
    expect(SecurityGroupRules).toMatchObject([
      { IpProtocol: 'tcp', FromPort: 80, CidrIpv4: '10.0.0.0/8', Description: 'inside', IsEgress: false },
      { CidrIpv6: '2001:db8::/32', Tags: [{ Key: 'a', Value: 'b' }] },
      { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, ReferencedGroupInfo: { GroupId } },
    ])
    const Filters = [{ Name: 'ip-permission.to-port', Values: ['80'] }]
    expect((await ask('DescribeSecurityGroups', { Filters })).SecurityGroups).toMatchObject([
      { IpPermissions: [{ IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'inside' }], Ipv6Ranges: [{}] }, {}] },
    ])
    await ask('RevokeSecurityGroupIngress', {
      GroupId,
      SecurityGroupRuleIds: [SecurityGroupRules![1]!.SecurityGroupRuleId!],
    })
    await ask('RevokeSecurityGroupIngress', { GroupId, IpPermissions: [tcp(80, '10.0.0.0/8')] })
    const left = await ask('DescribeSecurityGroupRules', { Filters: [{ Name: 'group-id', Values: [GroupId] }] })
    expect(left.SecurityGroupRules?.map((rule) => rule.IpProtocol).toSorted()).toEqual(['-1', 'icmp'])
  })

  it('take the old way of writing one rule', async () => {
    const GroupId = await group(await vpc())
    await ask('AuthorizeSecurityGroupIngress', {
      GroupId,
      IpProtocol: 'udp',
      FromPort: 53,
      ToPort: 53,
      CidrIp: '0.0.0.0/0',
    })
    const [shown] = (await ask('DescribeSecurityGroups', { GroupIds: [GroupId] })).SecurityGroups!
    expect(shown?.IpPermissions).toMatchObject([{ IpProtocol: 'udp', FromPort: 53 }])
  })

  it.each([
    [tcp(22), 'the specified rule "peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW" already exists'],
    [
      { IpProtocol: 'tcp', IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
    ],
    [{ ...tcp(22), FromPort: 23 }, 'Invalid TCP port range (23,22).'],
    [{ ...tcp(22), ToPort: 70000 }, "Invalid value '70000' for portRange. Must be between 0 and 65535."],
    [tcp(80, '10.0.0'), 'CIDR block 10.0.0 is malformed'],
    [tcp(80, '::/0'), 'CIDR block ::/0 is malformed'],
    [{ ...tcp(80), IpProtocol: 'foo' }, "Invalid value 'foo' for IP protocol. Unknown protocol."],
    [
      { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-12345678' }] },
      "The security group 'sg-12345678' does not exist",
    ],
    [{ IpProtocol: '-1', PrefixListIds: [{ PrefixListId: 'pl-1' }] }, "The prefix list ID 'pl-1' does not exist"],
    [{ IpProtocol: '-1' }, 'Source group ID missing.'],
    [
      { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0', Description: '<' }] },
      'Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
    ],
  ])('refuses %j', async (permission, message) => {
    const GroupId = await group(await vpc())
    await ask('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [tcp(22)] })
    await expect(ask('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [permission] })).rejects.toMatchObject({
      message,
    })
  })

  it('are refused twice in one call, from another VPC, beyond the limit, and when they are not there', async () => {
    const GroupId = await group(await vpc())
    const foreign = await group(await vpc('10.1.0.0/16'))
    const authorize = (...IpPermissions: sdk.IpPermission[]) =>
      ask('AuthorizeSecurityGroupEgress', { GroupId, IpPermissions })
    await expect(authorize(tcp(1), tcp(1))).rejects.toMatchObject({
      message: 'The same permission must not appear multiple times',
    })
    await expect(authorize({ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: foreign }] })).rejects.toMatchObject({
      message: 'You have specified two resources that belong to different networks.',
    })
    await expect(authorize(...Array.from({ length: RULES_PER_GROUP }, (_, n) => tcp(n + 1)))).rejects.toEqual(
      refusal('RulesPerSecurityGroupLimitExceeded', 'The maximum number of rules per security group has been reached.'),
    )
    await expect(ask('RevokeSecurityGroupEgress', { GroupId, IpPermissions: [tcp(9)] })).rejects.toEqual(
      refusal('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.'),
    )
    await expect(ask('AuthorizeSecurityGroupIngress', { GroupId })).rejects.toEqual(
      refusal('MissingParameter', 'The request must contain the parameter ipPermissions'),
    )
    await expect(ask('RevokeSecurityGroupIngress', { IpPermissions: [] })).rejects.toEqual(
      refusal('MissingParameter', 'The request must contain the parameter GroupName or GroupId'),
    )
  })
})
