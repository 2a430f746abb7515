// Address blocks of VPCs and subnets that come and go as a caller sees them.

import type * as sdk from '@aws-sdk/client-ec2'
import { beforeEach, describe, expect, it } from 'vitest'
import { ask, call, gateway, subnet } from '#test/ec2-calls.ts'
import { refusal } from '#test/refusal.ts'
import { ec2Key, networkInterfaces, routeTables } from './tables.ts'

const vpc = async (CidrBlock = '10.5.0.0/16', more: Partial<sdk.CreateVpcRequest> = {}) =>
  (await ask('CreateVpc', { CidrBlock, ...more } as never)).Vpc!.VpcId!
const shown = async (VpcId: string) => (await ask('DescribeVpcs', { VpcIds: [VpcId] })).Vpcs![0]!
const add = async (VpcId: string, CidrBlock: string) =>
  (await ask('AssociateVpcCidrBlock', { VpcId, CidrBlock })).CidrBlockAssociation!.AssociationId!
const addIpv6 = async (VpcId: string) =>
  (await ask('AssociateVpcCidrBlock', { VpcId, AmazonProvidedIpv6CidrBlock: true })).Ipv6CidrBlockAssociation!
const routes = async (VpcId: string) =>
  (await call.store.read((reader) => reader.list(routeTables)))
    .filter((table) => table.vpcId === VpcId)
    .flatMap((table) => table.routes.map((route) => route.destinationCidr ?? route.destinationIpv6Cidr))

describe('IPv4 blocks of a VPC', () => {
  it('are added, routed, used by subnets, found, and taken away when no subnet lies in them', async () => {
    const VpcId = await vpc()
    expect(await ask('AssociateVpcCidrBlock', { VpcId, CidrBlock: '100.64.7.0/16' })).toEqual({
      VpcId,
      CidrBlockAssociation: {
        AssociationId: expect.stringMatching(/^vpc-cidr-assoc-[0-9a-f]{17}$/),
        CidrBlock: '100.64.0.0/16',
        CidrBlockState: { State: 'associating' },
      },
    })
    const [first, second] = (await shown(VpcId)).CidrBlockAssociationSet!
    expect(second).toMatchObject({ CidrBlock: '100.64.0.0/16', CidrBlockState: { State: 'associated' } })
    expect(await routes(VpcId)).toEqual(['10.5.0.0/16', '100.64.0.0/16'])
    const SubnetId = await subnet(VpcId, '100.64.1.0/24')
    const AssociationId = second!.AssociationId!
    await expect(ask('DisassociateVpcCidrBlock', { AssociationId })).rejects.toEqual(
      refusal('InvalidCidrBlock.InUse', `The vpc ${VpcId} currently has a subnet within CIDR block 100.64.0.0/16`),
    )
    const Filters = [{ Name: 'cidr-block-association.cidr-block', Values: ['100.64.*'] }]
    expect((await ask('DescribeVpcs', { Filters })).Vpcs).toMatchObject([{ VpcId, CidrBlock: '10.5.0.0/16' }])
    await ask('DeleteSubnet', { SubnetId })
    expect(await ask('DisassociateVpcCidrBlock', { AssociationId })).toMatchObject({
      CidrBlockAssociation: { AssociationId, CidrBlockState: { State: 'disassociating' } },
    })
    expect((await shown(VpcId)).CidrBlockAssociationSet).toEqual([first])
    expect(await routes(VpcId)).toEqual(['10.5.0.0/16'])
    await expect(ask('DisassociateVpcCidrBlock', { AssociationId })).rejects.toEqual(
      refusal(
        'InvalidVpcCidrBlockAssociationID.NotFound',
        `The vpc CIDR block association ID '${AssociationId}' does not exist`,
      ),
    )
    await expect(ask('DisassociateVpcCidrBlock', { AssociationId: first!.AssociationId! })).rejects.toEqual(
      refusal(
        'OperationNotPermitted',
        `The vpc CIDR block with association ID ${first!.AssociationId} may not be disassociated. ` +
          'It is the primary IPv4 CIDR block of the VPC',
      ),
    )
  })

  it.each([
    ['10.5.0.0/16', '10.6.0.0/16', true],
    ['10.5.0.0/16', '10.0.0.0/16', true],
    ['10.1.0.0/16', '10.0.0.0/16', false],
    ['10.0.0.0/24', '10.0.1.0/24', false],
    ['10.5.0.0/16', '172.16.0.0/16', false],
    ['10.5.0.0/16', '192.168.0.0/24', false],
    ['10.5.0.0/16', '100.64.0.0/16', true],
    ['10.5.0.0/16', '203.0.113.0/24', true],
    ['10.5.0.0/16', '198.19.0.0/24', false],
    ['172.20.0.0/16', '172.21.0.0/16', true],
    ['172.20.0.0/16', '172.31.0.0/24', false],
    ['172.20.0.0/16', '10.0.0.0/16', false],
    ['192.168.0.0/24', '192.168.1.0/24', true],
    ['192.168.0.0/24', '10.0.0.0/16', false],
    ['100.64.0.0/16', '100.65.0.0/16', true],
    ['100.64.0.0/16', '10.0.0.0/16', false],
  ])('%s and %s: %s', async (first, second, isAllowed) => {
    const VpcId = await vpc(first)
    const outcome = await add(VpcId, second).then(
      () => 'associated',
      (error: Error) => error.message,
    )
    const refused =
      `The CIDR '${second}' is restricted. Use a CIDR from the same private address range as the current VPC ` +
      'CIDR, or use a publicly-routable CIDR. For additional restrictions, see ' +
      'https://docs.aws.amazon.com/AmazonVPC/latest/UserGuide/VPC_Subnets.html#VPC_Sizing'
    expect(outcome).toBe(isAllowed ? 'associated' : refused)
  })

  it('are refused over another one, over a route, out of size, and beyond the limit', async () => {
    const VpcId = await vpc()
    await expect(add(VpcId, '10.5.1.0/24')).rejects.toEqual(
      refusal('CidrConflict', `The CIDR '10.5.1.0/24' conflicts with another CIDR block of the VPC ${VpcId}`),
    )
    await expect(add(VpcId, '10.6.0.0/15')).rejects.toEqual(
      refusal('InvalidVpc.Range', "The CIDR '10.6.0.0/15' is invalid."),
    )
    const [table] = (await ask('DescribeRouteTables', { Filters: [{ Name: 'vpc-id', Values: [VpcId] }] })).RouteTables!
    const InternetGatewayId = await gateway()
    await ask('AttachInternetGateway', { InternetGatewayId, VpcId })
    const RouteTableId = table!.RouteTableId!
    const route = { RouteTableId, DestinationCidrBlock: '10.7.3.0/24', GatewayId: InternetGatewayId }
    await ask('CreateRoute', route)
    for (const block of ['10.7.3.0/24', '10.7.0.0/16']) {
      await expect(add(VpcId, block)).rejects.toEqual(
        refusal('CidrConflict', `The CIDR '${block}' conflicts with a route in route table ${RouteTableId}`),
      )
    }
    await add(VpcId, '10.7.3.0/25')
    for (const n of [20, 21, 22]) await add(VpcId, `10.${n}.0.0/16`)
    await expect(add(VpcId, '10.23.0.0/16')).rejects.toEqual(
      refusal('CidrLimitExceeded', `This network '${VpcId}' has met its maximum number of allowed CIDRs: 5`),
    )
  })
})

describe('IPv6 blocks of a VPC', () => {
  it('come out of a pool that leads nowhere, to a new VPC and to one that is there', async () => {
    const dual = await ask('CreateVpc', {
      CidrBlock: '10.5.0.0/16',
      AmazonProvidedIpv6CidrBlock: true,
    })
    expect(dual.Vpc!.Ipv6CidrBlockAssociationSet).toEqual([
      {
        AssociationId: expect.stringMatching(/^vpc-cidr-assoc-/),
        Ipv6CidrBlock: expect.stringMatching(/^2001:db8:[0-9a-f:]*\/56$/),
        Ipv6CidrBlockState: { State: 'associating' },
        NetworkBorderGroup: 'eu-west-1',
        Ipv6Pool: 'Amazon',
        Ipv6AddressAttribute: 'public',
        IpSource: 'amazon',
      },
    ])
    const VpcId = await vpc('10.6.0.0/16')
    const added = await addIpv6(VpcId)
    expect(added.Ipv6CidrBlock).not.toBe(dual.Vpc!.Ipv6CidrBlockAssociationSet![0]!.Ipv6CidrBlock)
    expect(await routes(VpcId)).toEqual(['10.6.0.0/16', added.Ipv6CidrBlock])
    expect((await routes(dual.Vpc!.VpcId!))[1]).toMatch(/^2001:db8:/)
    const other = await addIpv6(VpcId)
    expect(other.Ipv6CidrBlock).not.toBe(added.Ipv6CidrBlock)
    for (const Name of ['ipv6-cidr-block', 'association-id', 'state', 'ipv6-pool']) {
      const value = {
        'ipv6-cidr-block': added.Ipv6CidrBlock!,
        'association-id': added.AssociationId!,
        state: 'associated',
        'ipv6-pool': 'Amazon',
      }[Name]!
      const Filters = [{ Name: `ipv6-cidr-block-association.${Name}`, Values: [value] }]
      expect((await ask('DescribeVpcs', { Filters })).Vpcs!.map((each) => each.VpcId)).toContain(VpcId)
    }
    await ask('DisassociateVpcCidrBlock', { AssociationId: added.AssociationId! })
    expect((await shown(VpcId)).Ipv6CidrBlockAssociationSet).toMatchObject([{ Ipv6CidrBlock: other.Ipv6CidrBlock }])
    expect(await routes(VpcId)).toEqual(['10.6.0.0/16', other.Ipv6CidrBlock])
  })

  it('let the default network ACL speak of IPv6, unless somebody has changed it', async () => {
    const entries = async (VpcId: string) =>
      (await ask('DescribeNetworkAcls', { Filters: [{ Name: 'vpc-id', Values: [VpcId] }] })).NetworkAcls![0]!
    const [tagged, changed] = [await vpc(), await vpc()]
    await ask('CreateTags', { Resources: [(await entries(tagged)).NetworkAclId!], Tags: [{ Key: 'a', Value: 'b' }] })
    const rule = { RuleNumber: 100, Egress: false }
    await ask('DeleteNetworkAclEntry', { NetworkAclId: (await entries(changed)).NetworkAclId!, ...rule })
    for (const id of [tagged, changed]) await addIpv6(id)
    expect((await entries(tagged)).Entries!.map((entry) => entry.RuleNumber)).toContain(101)
    expect((await entries(changed)).Entries!.map((entry) => entry.RuleNumber)).not.toContain(101)
  })

  it.each([
    [
      { CidrBlock: '10.9.0.0/16', AmazonProvidedIpv6CidrBlock: true },
      'Only one of cidrBlock and amazonProvidedIpv6CidrBlock can be specified.',
    ],
    [{}, 'The request must contain the parameter cidrBlock'],
    [{ Ipv4IpamPoolId: 'ipam-pool-1' }, 'IPAM pools are not supported.'],
    [{ Ipv6CidrBlock: '2600::/56', Ipv6Pool: 'p' }, 'IPv6 address blocks of your own are not supported.'],
  ])('are refused as %j', async (input, message) => {
    await expect(ask('AssociateVpcCidrBlock', { VpcId: await vpc(), ...input })).rejects.toMatchObject({ message })
  })

  it('are limited in number', async () => {
    const VpcId = await vpc()
    for (let n = 0; n < 5; n++) await addIpv6(VpcId)
    await expect(addIpv6(VpcId)).rejects.toEqual(
      refusal('CidrLimitExceeded', `This network '${VpcId}' has met its maximum number of allowed CIDRs: 5`),
    )
  })

  it.each([
    [
      { InstanceTenancy: 'host' },
      'Value (host) for parameter instanceTenancy is invalid. It must be default or dedicated.',
    ],
    [{ Ipv6CidrBlock: '2600::/56' }, 'IPv6 address blocks of your own are not supported.'],
    [{ Ipv6IpamPoolId: 'x' }, 'IPAM pools are not supported.'],
    [{ VpcEncryptionControl: { Mode: 'enforce' } }, 'VPC encryption controls are not supported.'],
  ] as const)('CreateVpc with %j is refused', async (input, message) => {
    await expect(vpc('10.0.0.0/16', input)).rejects.toMatchObject({ message })
  })
})

describe('IPv6 blocks of a subnet', () => {
  let VpcId: string
  let block: string

  beforeEach(async () => {
    VpcId = await vpc()
    block = (await addIpv6(VpcId)).Ipv6CidrBlock!
  })

  it('are given with the subnet or later, found, and taken away when nobody needs them', async () => {
    const Ipv6CidrBlock = block.replace('/56', '/64')
    const made = (await ask('CreateSubnet', { VpcId, CidrBlock: '10.5.1.0/24', Ipv6CidrBlock })).Subnet!
    const SubnetId = made.SubnetId!
    expect(made.Ipv6CidrBlockAssociationSet).toEqual([
      {
        AssociationId: expect.stringMatching(/^subnet-cidr-assoc-[0-9a-f]{17}$/),
        Ipv6CidrBlock,
        Ipv6CidrBlockState: { State: 'associated' },
        Ipv6AddressAttribute: 'public',
        IpSource: 'amazon',
      },
    ])
    const AssociationId = made.Ipv6CidrBlockAssociationSet![0]!.AssociationId!
    const [association] = (await shown(VpcId)).Ipv6CidrBlockAssociationSet!
    await expect(ask('DisassociateVpcCidrBlock', { AssociationId: association!.AssociationId! })).rejects.toEqual(
      refusal('InvalidCidrBlock.InUse', `The vpc ${VpcId} currently has a subnet within CIDR block ${block}`),
    )
    const others = await subnet(VpcId, '10.5.2.0/24')
    await expect(ask('AssociateSubnetCidrBlock', { SubnetId: others, Ipv6CidrBlock })).rejects.toEqual(
      refusal('InvalidSubnet.Conflict', `The CIDR '${Ipv6CidrBlock}' conflicts with another subnet`),
    )
    await expect(ask('AssociateSubnetCidrBlock', { SubnetId, Ipv6CidrBlock })).rejects.toEqual(
      refusal('CidrLimitExceeded', `The subnet '${SubnetId}' has met its maximum number of allowed IPv6 CIDRs: 1`),
    )
    await ask('ModifySubnetAttribute', { SubnetId, AssignIpv6AddressOnCreation: { Value: true } })
    await expect(ask('DisassociateSubnetCidrBlock', { AssociationId })).rejects.toEqual(
      refusal(
        'InvalidCidrBlock.InUse',
        `The subnet IPv6 CIDR block with association ID ${AssociationId} may not be disassociated, because its ` +
          'subnet has assign-ipv6-address-on-creation set to true.',
      ),
    )
    await ask('ModifySubnetAttribute', { SubnetId, AssignIpv6AddressOnCreation: { Value: false } })
    await call.store.write((tx) =>
      tx.put(networkInterfaces, {
        id: 'eni-1',
        scope: call.scope,
        spec: { subnetId: SubnetId, vpcId: VpcId, ipv6Addresses: ['2001:db8::1'] },
      } as never),
    )
    await expect(ask('DisassociateSubnetCidrBlock', { AssociationId })).rejects.toMatchObject({
      code: 'InvalidCidrBlock.InUse',
      message: expect.stringContaining('because its subnet has network interfaces with IPv6 addresses.'),
    })
    await call.store.write((tx) => tx.delete(networkInterfaces, ec2Key(call.scope, 'eni-1')))
    for (const [Name, value] of [
      ['ipv6-cidr-block', Ipv6CidrBlock],
      ['association-id', AssociationId],
      ['state', 'associated'],
    ] as const) {
      const Filters = [{ Name: `ipv6-cidr-block-association.${Name}`, Values: [value] }]
      expect((await ask('DescribeSubnets', { Filters })).Subnets).toMatchObject([{ SubnetId }])
    }
    expect(await ask('DisassociateSubnetCidrBlock', { AssociationId })).toMatchObject({
      SubnetId,
      Ipv6CidrBlockAssociation: { Ipv6CidrBlockState: { State: 'disassociating' } },
    })
    expect((await ask('DescribeSubnets', { SubnetIds: [SubnetId] })).Subnets).toMatchObject([
      { Ipv6CidrBlockAssociationSet: [] },
    ])
    expect(await ask('AssociateSubnetCidrBlock', { SubnetId, Ipv6CidrBlock })).toMatchObject({
      SubnetId,
      Ipv6CidrBlockAssociation: { Ipv6CidrBlock, Ipv6CidrBlockState: { State: 'associating' } },
    })
    await expect(ask('DisassociateSubnetCidrBlock', { AssociationId })).rejects.toEqual(
      refusal(
        'InvalidSubnetCidrBlockAssociationID.NotFound',
        `The subnet CIDR block with association ID ${AssociationId} does not exist`,
      ),
    )
  })

  it('are refused outside of the VPC, in a size that is none, and when malformed', async () => {
    const attempt = (Ipv6CidrBlock: string) => ask('CreateSubnet', { VpcId, CidrBlock: '10.5.1.0/24', Ipv6CidrBlock })
    for (const text of ['2001:db9::/64', block.replace('/56', '/62'), block.replace('/56', '/68')]) {
      await expect(attempt(text)).rejects.toEqual(refusal('InvalidSubnet.Range', `The CIDR '${text}' is invalid.`))
    }
    await expect(attempt('10.5.0.0/24')).rejects.toMatchObject({
      message: 'Value (10.5.0.0/24) for parameter ipv6CidrBlock is invalid. This is not a valid IPv6 CIDR block.',
    })
    const SubnetId = await subnet(VpcId, '10.5.1.0/24')
    await expect(ask('AssociateSubnetCidrBlock', { SubnetId })).rejects.toEqual(
      refusal('MissingParameter', 'The request must contain the parameter ipv6CidrBlock'),
    )
    await expect(ask('AssociateSubnetCidrBlock', { SubnetId, Ipv6IpamPoolId: 'x' })).rejects.toMatchObject({
      message: 'IPAM pools are not supported.',
    })
  })

  it.each([
    [{}, 'MissingParameter', "Either 'cidrBlock' or 'ipv6CidrBlock' should be provided."],
    [{ Ipv6Native: true }, 'UnsupportedOperation', 'IPv6-only subnets are not supported.'],
    [{ Ipv4IpamPoolId: 'x' }, 'UnsupportedOperation', 'IPAM pools are not supported.'],
    [{ OutpostArn: 'x' }, 'UnsupportedOperation', 'Outposts are not supported.'],
  ])('CreateSubnet with %j is refused', async (input, code, message) => {
    await expect(ask('CreateSubnet', { VpcId, ...input })).rejects.toEqual(refusal(code, message))
  })
})
