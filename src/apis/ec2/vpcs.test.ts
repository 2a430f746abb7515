// VPCs and their subnets as a caller sees them.

import { describe, expect, it } from 'vitest'
import { ask, call, group, networkInterface, subnet, vpc, goTo } from '#test/ec2-calls.ts'
import { refusal } from '#test/refusal.ts'
import { SUBNETS_PER_VPC } from './model/limits.ts'
import { ec2Key, networkInterfaces, routeTables, securityGroups, subnets, vpcs } from './tables.ts'

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
    goTo('us-east-1')
    expect(await ask('DescribeVpcs', {})).toEqual({ Vpcs: [] })
    await expect(ask('DescribeVpcs', { VpcIds: [id] })).rejects.toEqual(
      refusal('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`),
    )
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
