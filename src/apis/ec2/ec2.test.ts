// EC2's operations as a caller sees them.

import type * as sdk from '@aws-sdk/client-ec2'
import { beforeEach, describe, expect, it, test } from 'vitest'
import type { Call, Operations } from '#aws/operation.ts'
import { asking, testCall } from '#test/call.ts'
import { refusal } from '#test/refusal.ts'
import { ec2 } from './index.ts'
import { knownCidr } from './model/cidr.ts'
import { isRefused, plannedInterface } from './model/interface-plan.ts'
import { RULES_PER_GROUP, SUBNETS_PER_VPC, TAGS_PER_RESOURCE } from './model/limits.ts'
import { newVpc } from './model/vpc.ts'
import { ec2Key, networkInterfaces, routeTables, securityGroups, subnets, vpcs } from './tables.ts'

let call: Call
const ask = asking<Operations<typeof sdk>>(ec2, () => call)

beforeEach(() => {
  call = testCall()
})

const vpc = async (CidrBlock = '10.0.0.0/16') => (await ask('CreateVpc', { CidrBlock })).Vpc!.VpcId!
const subnet = async (VpcId: string, CidrBlock = '10.0.1.0/24') =>
  (await ask('CreateSubnet', { VpcId, CidrBlock })).Subnet!.SubnetId!
const group = async (VpcId: string, GroupName = 'web') =>
  (await ask('CreateSecurityGroup', { VpcId, GroupName, Description: 'web servers' })).GroupId!
const gateway = async () => (await ask('CreateInternetGateway', {})).InternetGateway!.InternetGatewayId!
const tcp = (port: number, CidrIp = '0.0.0.0/0') => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: [{ CidrIp }],
})

/** An interface in the subnet, as a running task would have one. */
const networkInterface = async (subnetId: string, groupId: string, assignPublicIp = false): Promise<string> => {
  const row = (await call.store.read((reader) => reader.get(subnets, ec2Key(call.scope, subnetId))))!
  const planned = plannedInterface({
    scope: call.scope,
    subnet: row,
    taken: new Set(),
    publicIp: '198.18.0.7',
    securityGroupIds: [groupId],
    assignPublicIp,
    ownerArn: 'task',
    description: 'of a task',
    now: call.clock.now(),
    random: call.random,
  })
  if (isRefused(planned)) throw new Error(planned.message)
  const status = { state: 'attached', namespacePath: '/x', attachedAt: '2026-01-01T00:00:01.000Z' } as const
  await call.store.write((tx) => tx.put(networkInterfaces, { ...planned, status }))
  return planned.id
}

describe('VPCs', () => {
  it('are made with a main route table and a default security group, and shown', async () => {
    const id = await vpc('10.0.0.7/16')
    expect(await ask('DescribeVpcs', { VpcIds: [id] })).toMatchObject({
      Vpcs: [{ VpcId: id, CidrBlock: '10.0.0.0/16', IsDefault: false, State: 'available', OwnerId: '123456789012' }],
    })
    const filter = [{ Name: 'vpc-id', Values: [id] }]
    expect(
      await ask('DescribeRouteTables', { Filters: [...filter, { Name: 'association.main', Values: ['true'] }] }),
    ).toMatchObject({
      RouteTables: [{ Routes: [{ DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', State: 'active' }] }],
    })
    expect(await ask('DescribeSecurityGroups', { Filters: filter })).toMatchObject({
      SecurityGroups: [
        {
          GroupName: 'default',
          IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ UserId: '123456789012' }] }],
          IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
        },
      ],
    })
  })

  it.each([
    ['10.0.0.0/15', 'InvalidVpc.Range', "The CIDR '10.0.0.0/15' is invalid."],
    ['10.0.0.0/29', 'InvalidVpc.Range', "The CIDR '10.0.0.0/29' is invalid."],
    [
      '10.0.0',
      'InvalidParameterValue',
      'Value (10.0.0) for parameter cidrBlock is invalid. This is not a valid CIDR block.',
    ],
  ])('cannot have the block %s', async (block, code, message) => {
    await expect(vpc(block)).rejects.toEqual(refusal(code, message))
  })

  it('are deleted with what came with them, but not under others', async () => {
    const id = await vpc()
    const inside = await subnet(id)
    await expect(ask('DeleteVpc', { VpcId: id })).rejects.toEqual(
      refusal('DependencyViolation', `The vpc '${id}' has dependencies and cannot be deleted.`),
    )
    await ask('DeleteSubnet', { SubnetId: inside })
    await ask('DeleteVpc', { VpcId: id })
    for (const table of [vpcs, routeTables, securityGroups]) {
      expect(await call.store.read((reader) => reader.count<unknown>(table as typeof vpcs as never))).toBe(0)
    }
  })

  it('have attributes', async () => {
    const VpcId = await vpc()
    const hostnames = { VpcId, Attribute: 'enableDnsHostnames' } as const
    expect(await ask('DescribeVpcAttribute', hostnames)).toEqual({ VpcId, EnableDnsHostnames: { Value: false } })
    await ask('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } })
    expect(await ask('DescribeVpcAttribute', hostnames)).toEqual({ VpcId, EnableDnsHostnames: { Value: true } })
    await expect(
      ask('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true }, EnableDnsSupport: { Value: true } }),
    ).rejects.toEqual(refusal('InvalidParameterCombination', 'Fields for multiple attribute types specified.'))
  })

  it('of another account or region are not there', async () => {
    const id = await vpc()
    call = { ...call, scope: { ...call.scope, region: 'us-east-1' } }
    expect(await ask('DescribeVpcs', {})).toEqual({ Vpcs: [] })
    await expect(ask('DescribeVpcs', { VpcIds: [id] })).rejects.toEqual(
      refusal('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`),
    )
  })
})

describe('ids', () => {
  it.each([
    [
      'DescribeVpcs',
      { VpcIds: ['vpc-0000000000000000f'] },
      'InvalidVpcID.NotFound',
      "The vpc ID 'vpc-0000000000000000f' does not exist",
    ],
    ['DescribeVpcs', { VpcIds: ['vpc-xyz'] }, 'InvalidVpcID.Malformed', 'Invalid id: "vpc-xyz"'],
    [
      'DescribeVpcs',
      { VpcIds: ['sg-12345678'] },
      'InvalidVpcID.Malformed',
      'Invalid id: "sg-12345678" (expecting "vpc-...")',
    ],
    [
      'DescribeSubnets',
      { SubnetIds: ['subnet-12345678'] },
      'InvalidSubnetID.NotFound',
      "The subnet ID 'subnet-12345678' does not exist",
    ],
    [
      'DescribeSecurityGroups',
      { GroupIds: ['sg-12345678'] },
      'InvalidGroup.NotFound',
      "The security group 'sg-12345678' does not exist",
    ],
    ['DescribeSecurityGroups', { GroupIds: ['x'] }, 'InvalidGroupId.Malformed', 'Invalid id: "x" (expecting "sg-...")'],
    [
      'DescribeSecurityGroupRules',
      { SecurityGroupRuleIds: ['sgr-12345678'] },
      'InvalidSecurityGroupRuleId.NotFound',
      "The security group rule ID 'sgr-12345678' does not exist",
    ],
    [
      'DescribeRouteTables',
      { RouteTableIds: ['rtb-12345678'] },
      'InvalidRouteTableID.NotFound',
      "The routeTable ID 'rtb-12345678' does not exist",
    ],
    [
      'DescribeInternetGateways',
      { InternetGatewayIds: ['igw-12345678'] },
      'InvalidInternetGatewayID.NotFound',
      "The internetGateway ID 'igw-12345678' does not exist",
    ],
    [
      'DescribeNetworkInterfaces',
      { NetworkInterfaceIds: ['eni-12345678'] },
      'InvalidNetworkInterfaceID.NotFound',
      "The networkInterface ID 'eni-12345678' does not exist",
    ],
    [
      'CreateTags',
      { Resources: ['i-12345678'], Tags: [{ Key: 'a', Value: 'b' }] },
      'InvalidID',
      "The ID 'i-12345678' is not valid",
    ],
  ] as const)('%s %j: %s', async (name, input, code, message) => {
    await expect(ask(name, input as never)).rejects.toEqual(refusal(code, message))
  })
})

describe('subnets', () => {
  it('lie inside of their VPC and beside each other', async () => {
    const id = await vpc()
    await subnet(id, '10.0.1.0/24')
    await expect(subnet(id, '10.0.1.128/25')).rejects.toEqual(
      refusal('InvalidSubnet.Conflict', "The CIDR '10.0.1.128/25' conflicts with another subnet"),
    )
    await expect(subnet(id, '10.1.0.0/24')).rejects.toEqual(
      refusal('InvalidSubnet.Range', "The CIDR '10.1.0.0/24' is invalid."),
    )
    const zone = 'eu-west-1z'
    await expect(
      ask('CreateSubnet', { VpcId: id, CidrBlock: '10.0.2.0/24', AvailabilityZone: zone }),
    ).rejects.toMatchObject({
      message:
        'Value (eu-west-1z) for parameter availabilityZone is invalid. Subnets can currently only be created in the ' +
        'following availability zones: eu-west-1a, eu-west-1b, eu-west-1c, eu-west-1d, eu-west-1e, eu-west-1f.',
    })
  })

  it('count the addresses that are free', async () => {
    const id = await vpc()
    const one = await subnet(id, '10.0.1.0/28')
    const eni = await networkInterface(one, await group(id))
    expect((await ask('DescribeSubnets', {})).Subnets).toMatchObject([{ AvailableIpAddressCount: 10 }])
    await expect(ask('DeleteSubnet', { SubnetId: one })).rejects.toEqual(
      refusal('DependencyViolation', `The subnet '${one}' has dependencies and cannot be deleted.`),
    )
    await call.store.write((tx) => tx.delete(networkInterfaces, ec2Key(call.scope, eni)))
    expect((await ask('DescribeSubnets', {})).Subnets).toMatchObject([{ AvailableIpAddressCount: 11 }])
  })

  it('give public addresses when told to', async () => {
    const id = await subnet(await vpc())
    await ask('ModifySubnetAttribute', { SubnetId: id, MapPublicIpOnLaunch: { Value: true } })
    const Filters = [{ Name: 'map-public-ip-on-launch', Values: ['true'] }]
    expect((await ask('DescribeSubnets', { Filters })).Subnets).toMatchObject([{ SubnetId: id }])
  })

  it('are limited in number', async () => {
    const id = await vpc()
    const one = await subnet(id, '10.0.0.0/28')
    const row = (await call.store.read((reader) => reader.get(subnets, ec2Key(call.scope, one))))!
    await call.store.write(async (tx) => {
      for (let n = 1; n < SUBNETS_PER_VPC; n++) {
        await tx.put(subnets, { ...row, id: `subnet-${n}`, cidr: `10.0.${n}.0/28` })
      }
    })
    await expect(subnet(id, '10.0.250.0/24')).rejects.toEqual(
      refusal('SubnetLimitExceeded', 'The maximum number of subnets has been reached.'),
    )
  })
})

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

describe('gateways and routes', () => {
  it('lead out of a VPC and are taken apart in the right order', async () => {
    const VpcId = await vpc()
    const SubnetId = await subnet(VpcId)
    const InternetGatewayId = await gateway()
    const RouteTableId = (await ask('CreateRouteTable', { VpcId })).RouteTable!.RouteTableId!
    const route = { RouteTableId, DestinationCidrBlock: '0.0.0.0/0' }
    await expect(ask('CreateRoute', { ...route, GatewayId: InternetGatewayId })).rejects.toMatchObject({
      message: `route table ${RouteTableId} and network gateway ${InternetGatewayId} belong to different networks`,
    })
    await ask('AttachInternetGateway', { InternetGatewayId, VpcId })
    await expect(ask('AttachInternetGateway', { InternetGatewayId, VpcId })).rejects.toEqual(
      refusal('Resource.AlreadyAssociated', `resource ${InternetGatewayId} is already attached to network ${VpcId}`),
    )
    await expect(ask('AttachInternetGateway', { InternetGatewayId: await gateway(), VpcId })).rejects.toEqual(
      refusal('InvalidParameterValue', `Network ${VpcId} already has an internet gateway attached`),
    )
    await ask('CreateRoute', { ...route, GatewayId: InternetGatewayId })
    await expect(ask('CreateRoute', { ...route, GatewayId: InternetGatewayId })).rejects.toEqual(
      refusal('RouteAlreadyExists', 'The route identified by 0.0.0.0/0 already exists.'),
    )
    const { AssociationId } = await ask('AssociateRouteTable', { RouteTableId, SubnetId })
    expect((await ask('AssociateRouteTable', { RouteTableId, SubnetId })).AssociationId).toBe(AssociationId)
    const other = (await ask('CreateRouteTable', { VpcId })).RouteTable!.RouteTableId!
    await expect(ask('AssociateRouteTable', { RouteTableId: other, SubnetId })).rejects.toEqual(
      refusal(
        'Resource.AlreadyAssociated',
        `the specified association for route table ${other} conflicts with an existing association`,
      ),
    )
    await expect(ask('DeleteRouteTable', { RouteTableId })).rejects.toEqual(
      refusal('DependencyViolation', `The routeTable '${RouteTableId}' has dependencies and cannot be deleted.`),
    )
    await expect(ask('DeleteInternetGateway', { InternetGatewayId })).rejects.toEqual(
      refusal(
        'DependencyViolation',
        `The internetGateway '${InternetGatewayId}' has dependencies and cannot be deleted.`,
      ),
    )
    await ask('DetachInternetGateway', { InternetGatewayId, VpcId })
    const Filters = [{ Name: 'route.state', Values: ['blackhole'] }]
    expect((await ask('DescribeRouteTables', { Filters })).RouteTables).toMatchObject([{ RouteTableId }])
    await ask('DisassociateRouteTable', { AssociationId: AssociationId! })
    await ask('DeleteRoute', route)
    await ask('DeleteRouteTable', { RouteTableId })
    await ask('DeleteInternetGateway', { InternetGatewayId })
    await expect(ask('DetachInternetGateway', { InternetGatewayId, VpcId })).rejects.toMatchObject({
      code: 'InvalidInternetGatewayID.NotFound',
    })
  })

  it('are not taken away under a public address, nor where there is none', async () => {
    const VpcId = await vpc()
    const InternetGatewayId = await gateway()
    await expect(ask('DetachInternetGateway', { InternetGatewayId, VpcId })).rejects.toEqual(
      refusal('Gateway.NotAttached', `resource ${InternetGatewayId} is not attached to network ${VpcId}`),
    )
    await ask('AttachInternetGateway', { InternetGatewayId, VpcId })
    await networkInterface(await subnet(VpcId), await group(VpcId), true)
    await expect(ask('DetachInternetGateway', { InternetGatewayId, VpcId })).rejects.toEqual(
      refusal(
        'DependencyViolation',
        `Network ${VpcId} has some mapped public address(es). ` +
          'Please unmap those public address(es) before detaching the gateway.',
      ),
    )
  })

  it('keep what every VPC needs', async () => {
    const VpcId = await vpc()
    const [main] = (await ask('DescribeRouteTables', {})).RouteTables!
    const RouteTableId = main!.RouteTableId!
    await expect(ask('DeleteRoute', { RouteTableId, DestinationCidrBlock: '10.0.0.0/16' })).rejects.toEqual(
      refusal('InvalidParameterValue', `cannot remove local route 10.0.0.0/16 in route table ${RouteTableId}`),
    )
    await expect(ask('DeleteRoute', { RouteTableId, DestinationCidrBlock: '0.0.0.0/0' })).rejects.toEqual(
      refusal('InvalidRoute.NotFound', `no route with destination-cidr-block 0.0.0.0/0 in route table ${RouteTableId}`),
    )
    await expect(ask('DeleteRouteTable', { RouteTableId })).rejects.toMatchObject({ code: 'DependencyViolation' })
    const AssociationId = main!.Associations![0]!.RouteTableAssociationId!
    await expect(ask('DisassociateRouteTable', { AssociationId })).rejects.toEqual(
      refusal('InvalidParameterValue', `cannot disassociate the main route table association ${AssociationId}`),
    )
    await expect(ask('DisassociateRouteTable', { AssociationId: 'rtbassoc-1' })).rejects.toEqual(
      refusal('InvalidAssociationID.NotFound', "The association ID 'rtbassoc-1' does not exist"),
    )
    await expect(
      ask('CreateRoute', { RouteTableId, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-1' }),
    ).rejects.toMatchObject({ code: 'InvalidNatGatewayID.NotFound' })
    expect(VpcId).toBeDefined()
  })
})

describe('network interfaces', () => {
  it('of tasks are shown as requester-managed, attached and public', async () => {
    const VpcId = await vpc()
    const [SubnetId, GroupId] = [await subnet(VpcId), await group(VpcId)]
    const id = await networkInterface(SubnetId, GroupId, true)
    const Filters = [
      { Name: 'requester-managed', Values: ['true'] },
      { Name: 'attachment.status', Values: ['attached'] },
      { Name: 'group-name', Values: ['w*'] },
      { Name: 'association.public-ip', Values: ['198.1?.*'] },
    ]
    const [shown] = (await ask('DescribeNetworkInterfaces', { Filters })).NetworkInterfaces!
    expect(shown).toMatchObject({
      NetworkInterfaceId: id,
      Status: 'in-use',
      SubnetId,
      Groups: [{ GroupId, GroupName: 'web' }],
      Attachment: { Status: 'attached', AttachTime: new Date('2026-01-01T00:00:01Z') },
      PrivateDnsName: expect.stringMatching(/^ip-10-0-1-\d+\.eu-west-1\.compute\.internal$/),
      Association: { PublicDnsName: expect.stringMatching(/^ec2-198-1[89]-.*\.eu-west-1\.compute\.amazonaws\.com$/) },
    })
  })
})

describe('tags', () => {
  const named = (value: string) => ({ Tags: [{ Key: 'Name', Value: value }] })

  it('are given at creation, changed, found and taken away, on every kind of resource', async () => {
    const { Vpc } = await ask('CreateVpc', {
      CidrBlock: '10.0.0.0/16',
      TagSpecifications: [{ ResourceType: 'vpc', ...named('mine') }],
    })
    const id = Vpc!.VpcId!
    const SubnetId = await subnet(id)
    const GroupId = await group(id)
    const eni = await networkInterface(SubnetId, GroupId)
    const [rule] = (await ask('DescribeSecurityGroupRules', {})).SecurityGroupRules!
    const Resources = [SubnetId, GroupId, eni, await gateway(), rule!.SecurityGroupRuleId!]
    await ask('CreateTags', { Resources, ...named('mine') })
    const Filters = [{ Name: 'tag:Name', Values: ['mine'] }]
    expect((await ask('DescribeVpcs', { Filters })).Vpcs).toHaveLength(1)
    expect((await ask('DescribeTags', { Filters })).Tags?.map((tag) => tag.ResourceType).toSorted()).toEqual([
      'internet-gateway',
      'network-interface',
      'security-group',
      'security-group-rule',
      'subnet',
      'vpc',
    ])
    await ask('CreateTags', { Resources: [id], ...named('yours') })
    await ask('DeleteTags', { Resources: [id], ...named('mine') })
    expect((await ask('DescribeVpcs', {})).Vpcs?.[0]?.Tags).toEqual([{ Key: 'Name', Value: 'yours' }])
    await ask('DeleteTags', { Resources: [id], Tags: [{ Key: 'Name' }] })
    expect((await ask('DescribeVpcs', {})).Vpcs?.[0]?.Tags).toEqual([])
  })

  it('are refused when they are reserved, too many or for something else', async () => {
    const Resources = [await vpc()]
    await expect(ask('CreateTags', { Resources, Tags: [{ Key: 'aws:x', Value: '' }] })).rejects.toMatchObject({
      message: "Tag keys starting with 'aws:' are reserved for internal use",
    })
    const many = Array.from({ length: TAGS_PER_RESOURCE + 1 }, (_, n) => ({ Key: `k${n}`, Value: '' }))
    await expect(ask('CreateTags', { Resources, Tags: many })).rejects.toMatchObject({ code: 'TagLimitExceeded' })
    await expect(ask('CreateTags', { Resources, Tags: [{ Key: 'k'.repeat(129) }] })).rejects.toMatchObject({
      message: 'Tag key exceeds the maximum length of 128 characters',
    })
    await expect(
      ask('CreateVpc', { CidrBlock: '10.9.0.0/16', TagSpecifications: [{ ResourceType: 'subnet', Tags: [] }] }),
    ).rejects.toEqual(
      refusal('InvalidParameterValue', "'subnet' is not a valid taggable resource type for this operation."),
    )
  })

  it('change on all resources of a call or on none', async () => {
    const id = await vpc()
    await expect(
      ask('CreateTags', { Resources: [id, 'vpc-12345678'], Tags: [{ Key: 'a', Value: 'b' }] }),
    ).rejects.toMatchObject({ code: 'InvalidVpcID.NotFound' })
    expect((await ask('DescribeTags', {})).Tags).toEqual([])
  })
})

describe('paging', () => {
  it('shows everything once, in pages', async () => {
    for (let n = 0; n < 12; n++) await vpc(`10.${n}.0.0/16`)
    const seen: string[] = []
    let NextToken: string | undefined
    const sizes: number[] = []
    do {
      const page = await ask('DescribeVpcs', { MaxResults: 5, ...(NextToken === undefined ? {} : { NextToken }) })
      seen.push(...page.Vpcs!.map((each) => each.VpcId!))
      sizes.push(page.Vpcs!.length)
      NextToken = page.NextToken
    } while (NextToken !== undefined)
    expect(sizes).toEqual([5, 5, 2])
    expect(new Set(seen).size).toBe(12)
  })

  it.each([
    [{ MaxResults: 4 }, 'Value (4) for parameter maxResults is invalid. Expecting a value greater than 5.'],
    [{ NextToken: '%%' }, 'The specified NextToken is not valid.'],
    [{ Filters: [{ Name: 'colour', Values: ['x'] }] }, "The filter 'colour' is invalid"],
  ])('refuses %j', async (input, message) => {
    await expect(ask('DescribeVpcs', input)).rejects.toMatchObject({ message })
  })
})

describe('DryRun', () => {
  it('says what would happen, and does nothing', async () => {
    await expect(ask('CreateVpc', { CidrBlock: '10.0.0.0/16', DryRun: true })).rejects.toMatchObject({
      code: 'DryRunOperation',
      message: 'Request would have succeeded, but DryRun flag is set.',
      status: 412,
    })
    expect((await ask('DescribeVpcs', {})).Vpcs).toEqual([])
    await expect(ask('DeleteVpc', { VpcId: 'vpc-12345678', DryRun: true })).rejects.toMatchObject({
      code: 'InvalidVpcID.NotFound',
    })
    await expect(ask('DescribeVpcs', { DryRun: true })).rejects.toMatchObject({ code: 'DryRunOperation' })
  })
})

test('regions, zones and account attributes are what clients look for', async () => {
  expect((await ask('DescribeAvailabilityZones', {})).AvailabilityZones).toMatchObject([
    { ZoneName: 'eu-west-1a', ZoneId: 'euw1-az1', State: 'available' },
    { ZoneName: 'eu-west-1b', ZoneId: 'euw1-az2' },
    { ZoneName: 'eu-west-1c', ZoneId: 'euw1-az3' },
    { ZoneName: 'eu-west-1d', ZoneId: 'euw1-az4' },
    { ZoneName: 'eu-west-1e', ZoneId: 'euw1-az5' },
    { ZoneName: 'eu-west-1f', ZoneId: 'euw1-az6', ZoneType: 'availability-zone' },
  ])
  await expect(ask('DescribeAvailabilityZones', { ZoneNames: ['mars-1a'] })).rejects.toMatchObject({
    message: 'Invalid availability zone: [mars-1a]',
  })
  expect((await ask('DescribeRegions', { RegionNames: ['us-east-1'] })).Regions).toEqual([
    { RegionName: 'us-east-1', Endpoint: 'ec2.us-east-1.amazonaws.com', OptInStatus: 'opt-in-not-required' },
  ])
  expect((await ask('DescribeAccountAttributes', { AttributeNames: ['default-vpc'] })).AccountAttributes).toEqual([
    { AttributeName: 'default-vpc', AttributeValues: [{ AttributeValue: 'none' }] },
  ])
})
