// Routes and route tables as a caller sees them.

import { beforeEach, describe, expect, it } from 'vitest'
import { ask, call, internet, subnet, vpc } from '#test/ec2-calls.ts'
import { refusal } from '#test/refusal.ts'
import { ec2Key, prefixLists, routeTables, vpcs } from './tables.ts'

let VpcId: string
let SubnetId: string
let GatewayId: string
let RouteTableId: string

const ipv6 = '2600:1f14::/56'

beforeEach(async () => {
  VpcId = await vpc()
  const key = ec2Key(call.scope, VpcId)
  const row = (await call.store.read((reader) => reader.get(vpcs, key)))!
  const ipv6Cidrs = [{ id: 'vpc-cidr-assoc-12345678', cidr: ipv6 }]
  await call.store.write((tx) => tx.put(vpcs, { ...row, ipv6Cidrs }))
  SubnetId = await subnet(VpcId, '10.0.1.0/24')
  GatewayId = await internet(VpcId)
  RouteTableId = (await ask('CreateRouteTable', { VpcId })).RouteTable!.RouteTableId!
})

const routesOf = async () =>
  (await ask('DescribeRouteTables', { RouteTableIds: [RouteTableId] })).RouteTables![0]!.Routes!.filter(
    (route) => route.GatewayId !== 'local',
  )
const everywhere = { DestinationCidrBlock: '0.0.0.0/0' } as const
const privateNat = async () =>
  (await ask('CreateNatGateway', { SubnetId, ConnectivityType: 'private' })).NatGateway!.NatGatewayId!
const egressOnly = async () =>
  (await ask('CreateEgressOnlyInternetGateway', { VpcId })).EgressOnlyInternetGateway!.EgressOnlyInternetGatewayId!
const otherVpc = async () => await vpc('10.9.0.0/16')

describe('routes', () => {
  it('begin with the blocks of the VPC, of both families', async () => {
    const all = (await ask('DescribeRouteTables', { RouteTableIds: [RouteTableId] })).RouteTables![0]!.Routes
    expect(all).toEqual([
      { DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', Origin: 'CreateRouteTable', State: 'active' },
      { DestinationIpv6CidrBlock: ipv6, GatewayId: 'local', Origin: 'CreateRouteTable', State: 'active' },
    ])
  })

  it('go by a NAT gateway, and are black holes when it is deleted', async () => {
    const NatGatewayId = await privateNat()
    await ask('CreateRoute', { RouteTableId, ...everywhere, NatGatewayId })
    expect(await routesOf()).toEqual([{ ...everywhere, NatGatewayId, Origin: 'CreateRoute', State: 'active' }])
    await ask('DeleteNatGateway', { NatGatewayId })
    expect(await routesOf()).toMatchObject([{ NatGatewayId, State: 'blackhole' }])
    const Filters = [{ Name: 'route.state', Values: ['blackhole'] }]
    expect((await ask('DescribeRouteTables', { Filters })).RouteTables).toMatchObject([{ RouteTableId }])
    await expect(ask('ReplaceRoute', { RouteTableId, ...everywhere, NatGatewayId })).rejects.toEqual(
      refusal('InvalidNatGatewayID.NotFound', `The natGateway ID '${NatGatewayId}' does not exist`),
    )
  })

  it('go by an internet gateway, and are black holes while it is detached', async () => {
    await ask('CreateRoute', { RouteTableId, ...everywhere, GatewayId })
    await ask('DetachInternetGateway', { VpcId, InternetGatewayId: GatewayId })
    expect(await routesOf()).toMatchObject([{ GatewayId, State: 'blackhole' }])
    await ask('AttachInternetGateway', { VpcId, InternetGatewayId: GatewayId })
    expect(await routesOf()).toMatchObject([{ GatewayId, State: 'active' }])
  })

  it('take IPv6 out by an egress-only internet gateway', async () => {
    const EgressOnlyInternetGatewayId = await egressOnly()
    const DestinationIpv6CidrBlock = '::/0'
    await ask('CreateRoute', { RouteTableId, DestinationIpv6CidrBlock, EgressOnlyInternetGatewayId })
    expect(await routesOf()).toMatchObject([{ DestinationIpv6CidrBlock, EgressOnlyInternetGatewayId, State: 'active' }])
    await ask('DeleteEgressOnlyInternetGateway', { EgressOnlyInternetGatewayId })
    expect(await routesOf()).toMatchObject([{ State: 'blackhole' }])
    await ask('DeleteRoute', { RouteTableId, DestinationIpv6CidrBlock })
    expect(await routesOf()).toEqual([])
  })

  it('go by an interface, also inside of the VPC', async () => {
    const nat = await privateNat()
    const eni = (await ask('DescribeNetworkInterfaces', {})).NetworkInterfaces![0]!.NetworkInterfaceId!
    const DestinationCidrBlock = '10.0.7.0/24'
    await ask('CreateRoute', { RouteTableId, DestinationCidrBlock, NetworkInterfaceId: eni })
    expect(await routesOf()).toMatchObject([{ DestinationCidrBlock, NetworkInterfaceId: eni, State: 'active' }])
    await ask('DeleteNatGateway', { NatGatewayId: nat })
    expect(await routesOf()).toMatchObject([{ NetworkInterfaceId: eni, State: 'blackhole' }])
  })

  it('lead to prefix lists', async () => {
    const id = 'pl-12345678'
    const row = { id, scope: call.scope, name: 'x', addressFamily: 'IPv4', maxEntries: 1, version: 1 } as const
    await call.store.write((tx) => tx.put(prefixLists, { ...row, entries: [], tags: [] }))
    await ask('CreateRoute', { RouteTableId, DestinationPrefixListId: id, GatewayId })
    expect(await routesOf()).toMatchObject([{ DestinationPrefixListId: id, GatewayId }])
    await ask('DeleteRoute', { RouteTableId, DestinationPrefixListId: id })
    await expect(ask('DeleteRoute', { RouteTableId, DestinationPrefixListId: id })).rejects.toEqual(
      refusal('InvalidRoute.NotFound', `no route with destination-prefix-list-id ${id} in route table ${RouteTableId}`),
    )
  })

  it('are replaced where they are', async () => {
    const NatGatewayId = await privateNat()
    await expect(ask('ReplaceRoute', { RouteTableId, ...everywhere, NatGatewayId })).rejects.toEqual(
      refusal(
        'InvalidParameterValue',
        "There is no route defined for '0.0.0.0/0' in the route table. Use CreateRoute instead.",
      ),
    )
    await ask('CreateRoute', { RouteTableId, ...everywhere, GatewayId })
    await ask('ReplaceRoute', { RouteTableId, ...everywhere, NatGatewayId })
    expect(await routesOf()).toMatchObject([{ ...everywhere, NatGatewayId }])
  })

  it('inside of the VPC can be taken over by an interface and given back', async () => {
    await privateNat()
    const eni = (await ask('DescribeNetworkInterfaces', {})).NetworkInterfaces![0]!.NetworkInterfaceId!
    const own = { RouteTableId, DestinationCidrBlock: '10.0.0.0/16' }
    await ask('ReplaceRoute', { ...own, NetworkInterfaceId: eni })
    expect(await routesOf()).toMatchObject([{ NetworkInterfaceId: eni }])
    await ask('ReplaceRoute', { ...own, LocalTarget: true })
    expect(await routesOf()).toEqual([])
    await expect(ask('DeleteRoute', own)).rejects.toEqual(
      refusal('InvalidParameterValue', `cannot remove local route 10.0.0.0/16 in route table ${RouteTableId}`),
    )
  })

  it.each([
    [{ ...everywhere }, 'InvalidParameterValue', 'must contain exactly one of gatewayId'],
    [
      { ...everywhere, DestinationIpv6CidrBlock: '::/0', GatewayId: 'igw-12345678' },
      'InvalidParameterCombination',
      'exactly one of destinationCidrBlock, destinationIpv6CidrBlock, destinationPrefixListId',
    ],
    [
      { DestinationIpv6CidrBlock: '10.0.0.0/8', GatewayId: 'igw-12345678' },
      'InvalidParameterValue',
      'Value (10.0.0.0/8) for parameter destinationIpv6CidrBlock is invalid. This is not a valid CIDR block.',
    ],
    [
      { ...everywhere, NatGatewayId: 'nat-12345678' },
      'InvalidNatGatewayID.NotFound',
      "The natGateway ID 'nat-12345678' does not exist",
    ],
    [
      { ...everywhere, NetworkInterfaceId: 'eni-12345678' },
      'InvalidNetworkInterfaceID.NotFound',
      "The networkInterface ID 'eni-12345678' does not exist",
    ],
    [
      { ...everywhere, GatewayId: 'vgw-12345678' },
      'InvalidVpnGatewayID.NotFound',
      "The vpnGateway ID 'vgw-12345678' does not exist",
    ],
    [
      { ...everywhere, InstanceId: 'i-12345678' },
      'InvalidInstanceID.NotFound',
      "The instance ID 'i-12345678' does not exist",
    ],
    [
      { ...everywhere, VpcPeeringConnectionId: 'pcx-12345678' },
      'InvalidVpcPeeringConnectionID.NotFound',
      "The vpcPeeringConnection ID 'pcx-12345678' does not exist",
    ],
    [
      { ...everywhere, TransitGatewayId: 'tgw-12345678' },
      'InvalidTransitGatewayID.NotFound',
      'Transit Gateway tgw-12345678 was deleted or does not exist.',
    ],
    [
      { ...everywhere, VpcEndpointId: 'vpce-12345678' },
      'InvalidVpcEndpointId.NotFound',
      "The Vpc Endpoint Id 'vpce-12345678' does not exist",
    ],
    [
      { ...everywhere, CarrierGatewayId: 'cagw-12345678' },
      'UnsupportedOperation',
      'Routes by CarrierGatewayId are not supported.',
    ],
    [
      { DestinationPrefixListId: 'pl-12345678', NatGatewayId: 'nat-12345678' },
      'InvalidPrefixListID.NotFound',
      "The prefix list ID 'pl-12345678' does not exist",
    ],
    [
      { DestinationPrefixListId: 'pl-12345678', GatewayId: 'vpce-12345678' },
      'InvalidParameterValue',
      'Cannot create or replace a prefix list route targeting a VPC Endpoint.',
    ],
  ])('%j: %s', async (input, code, message) => {
    await expect(ask('CreateRoute', { RouteTableId, ...input })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    })
  })

  it('inside of the VPC cannot leave it', async () => {
    await expect(ask('CreateRoute', { RouteTableId, DestinationCidrBlock: '10.0.3.0/24', GatewayId })).rejects.toEqual(
      refusal(
        'InvalidParameterValue',
        "The destination CIDR block 10.0.3.0/24 is equal to or more specific than one of this VPC's CIDR blocks. " +
          'This route can target only an interface or an instance.',
      ),
    )
  })

  it('of IPv4 do not go by an egress-only internet gateway', async () => {
    const EgressOnlyInternetGatewayId = await egressOnly()
    await expect(
      ask('CreateRoute', { RouteTableId, ...everywhere, EgressOnlyInternetGatewayId }),
    ).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    })
  })

  it('do not go by what is in another VPC', async () => {
    const NatGatewayId = await privateNat()
    const eni = (await ask('DescribeNetworkInterfaces', {})).NetworkInterfaces![0]!.NetworkInterfaceId!
    const egress = await egressOnly()
    const other = (await ask('CreateRouteTable', { VpcId: await otherVpc() })).RouteTable!.RouteTableId!
    const refused = (noun: string, id: string) =>
      refusal('InvalidParameterValue', `route table ${other} and ${noun} ${id} belong to different networks`)
    const route = { RouteTableId: other, ...everywhere }
    await expect(ask('CreateRoute', { ...route, NatGatewayId })).rejects.toEqual(refused('NAT gateway', NatGatewayId))
    await expect(ask('CreateRoute', { ...route, GatewayId })).rejects.toEqual(refused('network gateway', GatewayId))
    await expect(ask('CreateRoute', { ...route, NetworkInterfaceId: eni })).rejects.toEqual(refused('interface', eni))
    await expect(
      ask('CreateRoute', {
        RouteTableId: other,
        DestinationIpv6CidrBlock: '::/0',
        EgressOnlyInternetGatewayId: egress,
      }),
    ).rejects.toEqual(refused('egress-only internet gateway', egress))
  })

  it('of a gateway endpoint come and go with it alone', async () => {
    const key = ec2Key(call.scope, RouteTableId)
    await call.store.write(async (tx) => {
      const row = (await tx.get(routeTables, key))!
      const route = { destinationPrefixListId: 'pl-12345678', target: 'vpce-12345678' }
      await tx.put(routeTables, { ...row, routes: [...row.routes, route] })
    })
    const route = { RouteTableId, DestinationPrefixListId: 'pl-12345678' }
    await expect(ask('DeleteRoute', route)).rejects.toEqual(
      refusal('InvalidParameterValue', `cannot remove VPC endpoint route pl-12345678 in route table ${RouteTableId}`),
    )
    await expect(ask('ReplaceRoute', { ...route, GatewayId })).rejects.toEqual(
      refusal('InvalidParameterValue', 'Cannot create or replace a prefix list route targeting a VPC Endpoint.'),
    )
  })
})

describe('route table associations', () => {
  it('of a subnet are moved to another table', async () => {
    const before = (await ask('AssociateRouteTable', { RouteTableId, SubnetId })).AssociationId!
    const other = (await ask('CreateRouteTable', { VpcId })).RouteTable!.RouteTableId!
    const moved = await ask('ReplaceRouteTableAssociation', { AssociationId: before, RouteTableId: other })
    expect(moved).toMatchObject({ AssociationState: { State: 'associated' } })
    const Filters = [{ Name: 'association.subnet-id', Values: [SubnetId] }]
    expect((await ask('DescribeRouteTables', { Filters })).RouteTables).toMatchObject([
      { RouteTableId: other, Associations: [{ RouteTableAssociationId: moved.NewAssociationId, SubnetId }] },
    ])
    await expect(ask('ReplaceRouteTableAssociation', { AssociationId: before, RouteTableId: other })).rejects.toEqual(
      refusal('InvalidAssociationID.NotFound', `The association ID '${before}' does not exist`),
    )
  })

  it('may be of a gateway, as long as what comes in goes where it would anyway', async () => {
    const { AssociationId } = await ask('AssociateRouteTable', { RouteTableId, GatewayId })
    const Filters = [{ Name: 'association.gateway-id', Values: [GatewayId] }]
    const found = async () => (await ask('DescribeRouteTables', { Filters })).RouteTables!
    expect((await found())[0]!.Associations).toEqual([
      {
        RouteTableAssociationId: AssociationId,
        RouteTableId,
        Main: false,
        GatewayId,
        AssociationState: { State: 'associated' },
      },
    ])
    const outward = `Route table ${RouteTableId} is associated with a gateway and cannot have a route by ${GatewayId}`
    await expect(ask('CreateRoute', { RouteTableId, ...everywhere, GatewayId })).rejects.toEqual(
      refusal('InvalidParameterValue', outward),
    )
    const { NetworkInterfaceId } = (await ask('CreateNetworkInterface', { SubnetId })).NetworkInterface!
    const diverted = { RouteTableId, DestinationCidrBlock: '10.0.1.0/24', NetworkInterfaceId: NetworkInterfaceId! }
    await expect(ask('CreateRoute', diverted)).rejects.toEqual(
      refusal('UnsupportedOperation', 'What comes in by a gateway cannot be routed to a network interface.'),
    )
    const second = (await ask('CreateRouteTable', { VpcId })).RouteTable!.RouteTableId!
    await expect(ask('AssociateRouteTable', { RouteTableId: second, GatewayId })).rejects.toMatchObject({
      code: 'Resource.AlreadyAssociated',
    })
    await ask('CreateRoute', { RouteTableId: second, ...everywhere, GatewayId })
    await expect(
      ask('ReplaceRouteTableAssociation', { AssociationId: AssociationId!, RouteTableId: second }),
    ).rejects.toMatchObject({ code: 'InvalidParameterValue' })
    const foreign = (await ask('CreateRouteTable', { VpcId: await otherVpc() })).RouteTable!.RouteTableId!
    await expect(ask('AssociateRouteTable', { RouteTableId: foreign, GatewayId })).rejects.toEqual(
      refusal('InvalidParameterValue', `Route table ${foreign} and gateway ${GatewayId} belong to different networks`),
    )
    await ask('DisassociateRouteTable', { AssociationId: AssociationId! })
    expect(await found()).toEqual([])
    await ask('AssociateRouteTable', { RouteTableId, GatewayId })
    await ask('DetachInternetGateway', { VpcId, InternetGatewayId: GatewayId })
    expect(await found()).toEqual([])
  })

  it('are of one thing that is there', async () => {
    const associate = (input: object) => ask('AssociateRouteTable', { RouteTableId, ...input })
    await expect(associate({ GatewayId: 'igw-12345678' })).rejects.toMatchObject({
      code: 'InvalidInternetGatewayID.NotFound',
    })
    await expect(associate({ GatewayId, SubnetId })).rejects.toEqual(
      refusal('InvalidParameterCombination', 'The parameter subnetId may not be used with the parameter gatewayId'),
    )
    await expect(associate({})).rejects.toEqual(
      refusal('MissingParameter', 'The request must contain the parameter subnetId'),
    )
  })

  it('say which table is the main one', async () => {
    const Filters = [
      { Name: 'vpc-id', Values: [VpcId] },
      { Name: 'association.main', Values: ['true'] },
    ]
    const main = (await ask('DescribeRouteTables', { Filters })).RouteTables![0]!
    const AssociationId = main.Associations![0]!.RouteTableAssociationId!
    await ask('ReplaceRouteTableAssociation', { AssociationId, RouteTableId })
    expect((await ask('DescribeRouteTables', { Filters })).RouteTables).toMatchObject([{ RouteTableId }])
    await ask('DeleteRouteTable', { RouteTableId: main.RouteTableId! })
    await expect(ask('DeleteRouteTable', { RouteTableId })).rejects.toMatchObject({ code: 'DependencyViolation' })
  })

  it('stay inside of their VPC', async () => {
    const AssociationId = (await ask('AssociateRouteTable', { RouteTableId, SubnetId })).AssociationId!
    const other = (await ask('CreateRouteTable', { VpcId: await otherVpc() })).RouteTable!.RouteTableId!
    await expect(ask('ReplaceRouteTableAssociation', { AssociationId, RouteTableId: other })).rejects.toEqual(
      refusal(
        'InvalidParameterValue',
        `Route table ${other} and route table ${RouteTableId} belong to different networks`,
      ),
    )
  })
})

it.each(['EnableVgwRoutePropagation', 'DisableVgwRoutePropagation'] as const)('%s finds no gateway', async (name) => {
  await expect(ask(name, { RouteTableId, GatewayId: 'vgw-12345678' })).rejects.toEqual(
    refusal('InvalidGatewayID.NotFound', "The gateway ID 'vgw-12345678' does not exist"),
  )
  await expect(ask(name, { RouteTableId: 'rtb-12345678', GatewayId: 'vgw-12345678' })).rejects.toMatchObject({
    code: 'InvalidRouteTableID.NotFound',
  })
})
