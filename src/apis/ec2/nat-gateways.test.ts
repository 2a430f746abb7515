// NAT gateways and egress-only internet gateways as a caller sees them.

import { beforeEach, describe, expect, it } from 'vitest'
import type { SimulatedClock } from '#base/simulated-clock.ts'
import { allocate, ask, call, internet, subnet, vpc } from '#test/ec2-calls.ts'
import { refusal } from '#test/refusal.ts'

let VpcId: string
let SubnetId: string
let InternetGatewayId: string

beforeEach(async () => {
  VpcId = await vpc()
  SubnetId = await subnet(VpcId, '10.0.0.0/28')
  InternetGatewayId = await internet(VpcId)
})

const addressOf = async (id: string) => (await ask('DescribeAddresses', { AllocationIds: [id] })).Addresses![0]!
const nat = async (AllocationId: string, ClientToken?: string) => {
  const made = await ask('CreateNatGateway', { SubnetId, AllocationId, ClientToken })
  return made.NatGateway!.NatGatewayId!
}
const natOf = async (id: string) => (await ask('DescribeNatGateways', { NatGatewayIds: [id] })).NatGateways![0]!

describe('NAT gateways', () => {
  it('have an interface of their own, and hold their elastic IP', async () => {
    const AllocationId = await allocate()
    const made = (await ask('CreateNatGateway', { SubnetId, AllocationId })).NatGateway!
    expect(made).toMatchObject({ State: 'pending', ConnectivityType: 'public', SubnetId, VpcId })
    const { PublicIp, NetworkInterfaceId, PrivateIpAddress, AssociationId } = await addressOf(AllocationId)
    expect(await natOf(made.NatGatewayId!)).toMatchObject({
      State: 'available',
      NatGatewayAddresses: [
        { AllocationId, NetworkInterfaceId, PrivateIp: PrivateIpAddress, PublicIp, IsPrimary: true },
      ],
    })
    expect(await ask('DescribeNetworkInterfaces', { NetworkInterfaceIds: [NetworkInterfaceId!] })).toMatchObject({
      NetworkInterfaces: [
        {
          Description: `Interface for NAT Gateway ${made.NatGatewayId}`,
          InterfaceType: 'nat_gateway',
          RequesterManaged: true,
          SourceDestCheck: false,
          Status: 'in-use',
          Association: { PublicIp, AllocationId, AssociationId, IpOwnerId: '123456789012' },
        },
      ],
    })
    const denied = refusal('AuthFailure', 'You do not have permission to access the specified resource.')
    await expect(ask('DisassociateAddress', { AssociationId })).rejects.toEqual(denied)
    await expect(ask('ReleaseAddress', { AllocationId })).rejects.toEqual(denied)
    await expect(ask('DeleteSubnet', { SubnetId })).rejects.toEqual(
      refusal('DependencyViolation', `The subnet '${SubnetId}' has dependencies and cannot be deleted.`),
    )
    await expect(ask('DetachInternetGateway', { InternetGatewayId, VpcId })).rejects.toMatchObject({
      code: 'DependencyViolation',
    })
  })

  it('let everything go when they are deleted, and are shown for an hour more', async () => {
    const AllocationId = await allocate()
    const NatGatewayId = await nat(AllocationId)
    expect(await ask('DeleteNatGateway', { NatGatewayId })).toEqual({ NatGatewayId })
    expect(await natOf(NatGatewayId)).toMatchObject({ State: 'deleted' })
    expect(await ask('DescribeNetworkInterfaces', {})).toEqual({ NetworkInterfaces: [] })
    await ask('ReleaseAddress', { AllocationId })
    await ask('DeleteSubnet', { SubnetId })
    const gone = refusal('NatGatewayNotFound', `NatGateway ${NatGatewayId} was not found`)
    await expect(ask('DeleteNatGateway', { NatGatewayId })).rejects.toEqual(gone)
    await (call.clock as SimulatedClock).advance(3601)
    await expect(natOf(NatGatewayId)).rejects.toEqual(gone)
  })

  it('can be private, at an address of your choice', async () => {
    const wish = { SubnetId, ConnectivityType: 'private', PrivateIpAddress: '10.0.0.9' } as const
    const { NatGatewayId } = (await ask('CreateNatGateway', wish)).NatGateway!
    expect((await natOf(NatGatewayId!)).NatGatewayAddresses).toMatchObject([{ PrivateIp: '10.0.0.9' }])
    await expect(ask('CreateNatGateway', wish)).rejects.toEqual(
      refusal('InvalidIPAddress.InUse', 'Address 10.0.0.9 is in use.'),
    )
  })

  it.each([
    ['10.0.0.3', 'InvalidParameterValue', "Address is in subnet's reserved address range"],
    ['10.0.0.15', 'InvalidParameterValue', "Address is in subnet's reserved address range"],
    ['10.0.1.9', 'InvalidParameterValue', "Address does not fall within the subnet's address range"],
    [
      'x',
      'InvalidParameterValue',
      'Value (x) for parameter privateIpAddress is invalid. This is not a valid IPv4 address.',
    ],
  ])('cannot be at %s', async (PrivateIpAddress, code, message) => {
    const wish = { SubnetId, ConnectivityType: 'private', PrivateIpAddress } as const
    await expect(ask('CreateNatGateway', wish)).rejects.toEqual(refusal(code, message))
  })

  it('are made once for one client token', async () => {
    const AllocationId = await allocate()
    const id = await nat(AllocationId, 'token')
    expect(await nat(AllocationId, 'token')).toBe(id)
    await expect(nat(await allocate(), 'token')).rejects.toMatchObject({ code: 'IdempotentParameterMismatch' })
  })

  it('are found by their filters', async () => {
    const id = await nat(await allocate())
    for (const [Name, value] of [
      ['vpc-id', VpcId],
      ['subnet-id', SubnetId],
      ['state', 'available'],
      ['nat-gateway-id', id],
    ] as const) {
      expect((await ask('DescribeNatGateways', { Filter: [{ Name, Values: [value] }] })).NatGateways).toHaveLength(1)
      expect((await ask('DescribeNatGateways', { Filter: [{ Name, Values: ['x'] }] })).NatGateways).toEqual([])
    }
  })

  it('fail where AWS lets them fail, after it has answered', async () => {
    const AllocationId = await allocate()
    await nat(AllocationId)
    expect(await natOf(await nat(AllocationId))).toMatchObject({
      State: 'failed',
      FailureCode: 'Resource.AlreadyAssociated',
      FailureMessage: `Elastic IP address ${AllocationId} is already associated`,
    })
    for (let n = 0; n < 10; n++) await ask('CreateNatGateway', { SubnetId, ConnectivityType: 'private' })
    const full = (await ask('CreateNatGateway', { SubnetId, ConnectivityType: 'private' })).NatGateway!
    expect(full).toMatchObject({ State: 'pending' })
    expect(await natOf(full.NatGatewayId!)).toMatchObject({
      State: 'failed',
      FailureCode: 'InsufficientFreeAddressesInSubnet',
      FailureMessage: 'Subnet has insufficient free addresses to create this NAT gateway',
    })
  })

  it('fail without an internet gateway', async () => {
    await ask('DetachInternetGateway', { VpcId, InternetGatewayId })
    expect(await natOf(await nat(await allocate()))).toMatchObject({
      State: 'failed',
      FailureCode: 'Gateway.NotAttached',
      FailureMessage: `Network ${VpcId} has no Internet gateway attached`,
    })
  })

  it.each([
    [
      {},
      'MissingParameter',
      'The request must include the AllocationId parameter. Add the required parameter and retry the request.',
    ],
    [
      { AllocationId: 'eipalloc-12345678' },
      'InvalidAllocationID.NotFound',
      "The allocation ID 'eipalloc-12345678' does not exist",
    ],
    [{ SubnetId: undefined }, 'MissingParameter', 'The request must contain the parameter subnetId'],
    [
      { ConnectivityType: 'private', AllocationId: 'eipalloc-12345678' },
      'InvalidParameterCombination',
      'The parameter AllocationId may not be used with ConnectivityType private',
    ],
    [{ AvailabilityMode: 'regional' }, 'UnsupportedOperation', 'Regional NAT gateways are not supported.'],
    [{ SecondaryPrivateIpAddressCount: 1 }, 'UnsupportedOperation', 'SecondaryPrivateIpAddressCount is not supported.'],
  ] as const)('%j: %s', async (input, code, message) => {
    await expect(ask('CreateNatGateway', { SubnetId, ...input })).rejects.toEqual(refusal(code, message))
  })

  it('do not exist under other ids', async () => {
    await expect(natOf('nat-12345678')).rejects.toEqual(
      refusal('NatGatewayNotFound', 'NatGateway nat-12345678 was not found'),
    )
  })
})

describe('egress-only internet gateways', () => {
  it('are made in a VPC once for one token, shown and deleted', async () => {
    const made = await ask('CreateEgressOnlyInternetGateway', { VpcId, ClientToken: 'token' })
    const id = made.EgressOnlyInternetGateway!.EgressOnlyInternetGatewayId!
    expect(made).toMatchObject({
      ClientToken: 'token',
      EgressOnlyInternetGateway: { Attachments: [{ State: 'attached', VpcId }] },
    })
    expect(await ask('CreateEgressOnlyInternetGateway', { VpcId, ClientToken: 'token' })).toEqual(made)
    expect(await ask('DescribeEgressOnlyInternetGateways', { EgressOnlyInternetGatewayIds: [id] })).toEqual({
      EgressOnlyInternetGateways: [made.EgressOnlyInternetGateway],
    })
    expect(await ask('DeleteEgressOnlyInternetGateway', { EgressOnlyInternetGatewayId: id })).toEqual({
      ReturnCode: true,
    })
    expect(await ask('DescribeEgressOnlyInternetGateways', {})).toEqual({ EgressOnlyInternetGateways: [] })
    await expect(ask('DeleteEgressOnlyInternetGateway', { EgressOnlyInternetGatewayId: id })).rejects.toMatchObject({
      code: 'InvalidGatewayID.NotFound',
    })
  })

  it('keep their VPC', async () => {
    const bare = await vpc('10.1.0.0/16')
    await ask('CreateEgressOnlyInternetGateway', { VpcId: bare })
    await expect(ask('DeleteVpc', { VpcId: bare })).rejects.toEqual(
      refusal('DependencyViolation', `The vpc '${bare}' has dependencies and cannot be deleted.`),
    )
  })
})
