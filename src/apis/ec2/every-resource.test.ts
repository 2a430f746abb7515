// What all resources of EC2 share: ids, tags, pages, DryRun, and the regions and zones that they are in.

import { describe, expect, it, test } from 'vitest'
import { ask, gateway, group, networkInterface, subnet, vpc } from '#test/ec2-calls.ts'
import { refusal } from '#test/refusal.ts'
import { TAGS_PER_RESOURCE } from './model/limits.ts'

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
