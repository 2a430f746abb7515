// Elastic IPs as a caller sees them: had, given back, and bound to network interfaces.

import { beforeEach, describe, expect, it } from 'vitest'
import type { SimulatedClock } from '#base/simulated-clock.ts'
import { allocate, ask, call, internet, setUp, subnet, vpc } from '#test/ec2-calls.ts'
import { refusal } from '#test/refusal.ts'
import { ADDRESSES_PER_REGION } from './model/limits.ts'

describe('elastic IP addresses', () => {
  it('are from the share of this instance, and are shown', async () => {
    setUp({ publicAddressPool: '198.19.4.0/30' })
    const one = await ask('AllocateAddress', {})
    expect(one).toMatchObject({ Domain: 'vpc', PublicIpv4Pool: 'amazon', NetworkBorderGroup: 'eu-west-1' })
    const two = await ask('AllocateAddress', {})
    expect(new Set([one.PublicIp, two.PublicIp])).toEqual(new Set(['198.19.4.1', '198.19.4.2']))
    await expect(ask('AllocateAddress', {})).rejects.toEqual(
      refusal('AddressLimitExceeded', 'The maximum number of addresses has been reached.'),
    )
    const Filters = [{ Name: 'public-ip', Values: [one.PublicIp!] }]
    expect((await ask('DescribeAddresses', { Filters })).Addresses).toMatchObject([{ AllocationId: one.AllocationId }])
    expect((await ask('DescribeAddresses', { PublicIps: [two.PublicIp!] })).Addresses).toMatchObject([
      { AllocationId: two.AllocationId },
    ])
    expect(await ask('DescribeAddressesAttribute', { AllocationIds: [one.AllocationId!] })).toEqual({
      Addresses: [{ AllocationId: one.AllocationId, PublicIp: one.PublicIp }],
    })
  })

  it('rest for a minute when they are released, and can be had back by name', async () => {
    const { AllocationId, PublicIp } = await ask('AllocateAddress', {})
    await ask('ReleaseAddress', { AllocationId })
    const gone = refusal('InvalidAddress.NotFound', `Address '${PublicIp}' not found.`)
    await expect(ask('AllocateAddress', { Address: PublicIp })).rejects.toEqual(gone)
    await expect(ask('AllocateAddress', { Address: '8.8.8.8' })).rejects.toMatchObject({
      code: 'InvalidAddress.NotFound',
    })
    await (call.clock as SimulatedClock).advance(61)
    expect(await ask('AllocateAddress', { Address: PublicIp })).toMatchObject({ PublicIp })
  })

  it('are limited in number', async () => {
    for (let n = 0; n < ADDRESSES_PER_REGION; n++) await allocate()
    await expect(allocate()).rejects.toEqual(
      refusal('AddressLimitExceeded', 'The maximum number of addresses has been reached.'),
    )
  })

  it('carry tags from the start', async () => {
    const TagSpecifications = [{ ResourceType: 'elastic-ip' as const, Tags: [{ Key: 'Name', Value: 'nat' }] }]
    const { AllocationId } = await ask('AllocateAddress', { TagSpecifications })
    expect(await ask('DescribeTags', {})).toMatchObject({
      Tags: [{ ResourceId: AllocationId, ResourceType: 'elastic-ip', Key: 'Name', Value: 'nat' }],
    })
  })

  it.each([
    ['ReleaseAddress', {}, 'MissingParameter', 'The request must contain the parameter allocationId'],
    [
      'ReleaseAddress',
      { PublicIp: '198.18.0.1' },
      'InvalidParameterValue',
      'You must specify an allocation id when releasing a VPC elastic IP address',
    ],
    [
      'ReleaseAddress',
      { AllocationId: 'eipalloc-12345678' },
      'InvalidAllocationID.NotFound',
      "The allocation ID 'eipalloc-12345678' does not exist",
    ],
    ['DescribeAddresses', { PublicIps: ['198.18.0.1'] }, 'InvalidAddress.NotFound', "Address '198.18.0.1' not found."],
    ['AssociateAddress', {}, 'MissingParameter', 'The request must contain the parameter allocationId'],
    [
      'AssociateAddress',
      { AllocationId: 'eipalloc-12345678' },
      'MissingParameter',
      'Either instance ID or network interface id must be specified',
    ],
    [
      'AssociateAddress',
      { AllocationId: 'eipalloc-12345678', InstanceId: 'i-12345678' },
      'InvalidInstanceID.NotFound',
      "The instance ID 'i-12345678' does not exist",
    ],
    ['DisassociateAddress', {}, 'MissingParameter', 'The request must contain the parameter associationId'],
    [
      'DisassociateAddress',
      { AssociationId: 'eipassoc-12345678' },
      'InvalidAssociationID.NotFound',
      "The association ID 'eipassoc-12345678' does not exist",
    ],
    [
      'AllocateAddress',
      { PublicIpv4Pool: 'ipv4pool-ec2-1' },
      'InvalidPublicIpv4PoolID.NotFound',
      "The pool ID 'ipv4pool-ec2-1' does not exist.",
    ],
    [
      'AllocateAddress',
      { IpamPoolId: 'ipam-pool-1' },
      'UnsupportedOperation',
      'Address pools of your own are not supported.',
    ],
    [
      'AllocateAddress',
      { NetworkBorderGroup: 'mars' },
      'InvalidParameterValue',
      'Value (mars) for parameter networkBorderGroup is invalid. This is not a valid network border group.',
    ],
  ] as const)('%s %j: %s', async (name, input, code, message) => {
    await expect(ask(name, input as never)).rejects.toEqual(refusal(code, message))
  })
})

describe('elastic IPs on interfaces', () => {
  let VpcId: string
  let SubnetId: string

  beforeEach(async () => {
    VpcId = await vpc()
    SubnetId = await subnet(VpcId, '10.0.0.0/25')
  })

  const eni = async (input: object = {}) =>
    (await ask('CreateNetworkInterface', { SubnetId, ...input })).NetworkInterface!.NetworkInterfaceId!
  const shown = async (id: string) =>
    (await ask('DescribeNetworkInterfaces', { NetworkInterfaceIds: [id] })).NetworkInterfaces![0]!

  it('are bound, shown, freed, and keep the internet gateway', async () => {
    const NetworkInterfaceId = await eni()
    const AllocationId = await allocate()
    await expect(ask('AssociateAddress', { NetworkInterfaceId, AllocationId })).rejects.toEqual(
      refusal('Gateway.NotAttached', `Network ${VpcId} is not attached to any internet gateway`),
    )
    const InternetGatewayId = await internet(VpcId)
    const { AssociationId } = await ask('AssociateAddress', { NetworkInterfaceId, AllocationId })
    expect(await ask('AssociateAddress', { NetworkInterfaceId, AllocationId })).toEqual({ AssociationId })
    const { PublicIp } = (await ask('DescribeAddresses', {})).Addresses![0]!
    expect(await shown(NetworkInterfaceId)).toMatchObject({ Association: { PublicIp, AllocationId, AssociationId } })
    await expect(ask('ReleaseAddress', { AllocationId })).rejects.toEqual(
      refusal('InvalidIPAddress.InUse', `Address ${PublicIp} is in use.`),
    )
    await expect(ask('DetachInternetGateway', { VpcId, InternetGatewayId })).rejects.toMatchObject({
      code: 'DependencyViolation',
    })
    await ask('DisassociateAddress', { AssociationId })
    expect((await shown(NetworkInterfaceId)).Association).toBeUndefined()
    await ask('ReleaseAddress', { AllocationId })
    await ask('DetachInternetGateway', { VpcId, InternetGatewayId })
  })

  it('move only when that is allowed', async () => {
    await internet(VpcId)
    const [a, b] = [await eni(), await eni()]
    const [one, two] = [await allocate(), await allocate()]
    const { AssociationId } = await ask('AssociateAddress', { NetworkInterfaceId: a, AllocationId: one })
    await expect(ask('AssociateAddress', { NetworkInterfaceId: b, AllocationId: one })).rejects.toEqual(
      refusal('Resource.AlreadyAssociated', `resource ${one} is already associated with associate-id ${AssociationId}`),
    )
    await expect(ask('AssociateAddress', { NetworkInterfaceId: a, AllocationId: two })).rejects.toMatchObject({
      code: 'Resource.AlreadyAssociated',
    })
    await ask('AssociateAddress', { NetworkInterfaceId: a, AllocationId: two, AllowReassociation: true })
    await ask('AssociateAddress', { NetworkInterfaceId: b, AllocationId: two, AllowReassociation: true })
    expect((await shown(a)).Association).toBeUndefined()
    expect(await shown(b)).toMatchObject({ Association: { AllocationId: two } })
  })

  it('are bound to further addresses, and free when those or the interface go', async () => {
    await internet(VpcId)
    const NetworkInterfaceId = await eni({ SecondaryPrivateIpAddressCount: 1 })
    const PrivateIpAddress = (await shown(NetworkInterfaceId)).PrivateIpAddresses![1]!.PrivateIpAddress!
    const [one, two] = [await allocate(), await allocate()]
    await ask('AssociateAddress', { NetworkInterfaceId, AllocationId: one, PrivateIpAddress })
    await ask('AssociateAddress', { NetworkInterfaceId, AllocationId: two })
    expect((await shown(NetworkInterfaceId)).PrivateIpAddresses).toMatchObject([
      { Association: { AllocationId: two } },
      { Association: { AllocationId: one } },
    ])
    await ask('UnassignPrivateIpAddresses', { NetworkInterfaceId, PrivateIpAddresses: [PrivateIpAddress] })
    await ask('ReleaseAddress', { AllocationId: one })
    await ask('DeleteNetworkInterface', { NetworkInterfaceId })
    await ask('ReleaseAddress', { AllocationId: two })
    await expect(shown(NetworkInterfaceId)).rejects.toMatchObject({ code: 'InvalidNetworkInterfaceID.NotFound' })
  })

  it('are not bound to addresses that the interface does not have', async () => {
    await internet(VpcId)
    const NetworkInterfaceId = await eni()
    const AllocationId = await allocate()
    await expect(
      ask('AssociateAddress', { NetworkInterfaceId, AllocationId, PrivateIpAddress: '10.0.0.99' }),
    ).rejects.toMatchObject({ code: 'InvalidParameterValue' })
  })
})
