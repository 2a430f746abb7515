// Network interfaces that users make, and those of AWS, as a caller sees them.

import { beforeEach, describe, expect, it } from 'vitest'
import { ask, call, internet, setUp, subnet, vpc } from '#test/ec2-calls.ts'
import { refusal } from '#test/refusal.ts'
import { PRIVATE_ADDRESSES_PER_INTERFACE, SECURITY_GROUPS_PER_INTERFACE } from './model/limits.ts'
import { ec2Key, networkInterfaces } from './tables.ts'

const NOT_YOURS = refusal('AuthFailure', 'You do not have permission to access the specified resource.')

let VpcId: string
let SubnetId: string

beforeEach(async () => {
  VpcId = await vpc()
  SubnetId = await subnet(VpcId, '10.0.0.0/25')
})

const made = async (input: object = {}) =>
  (await ask('CreateNetworkInterface', { SubnetId, ...input })).NetworkInterface!
const eni = async (input: object = {}) => (await made(input)).NetworkInterfaceId!
const shown = async (id: string) =>
  (await ask('DescribeNetworkInterfaces', { NetworkInterfaceIds: [id] })).NetworkInterfaces![0]!
const group = async (GroupName: string, vpcId = VpcId) =>
  (await ask('CreateSecurityGroup', { VpcId: vpcId, GroupName, Description: 'd' })).GroupId!
/** The interface of a NAT gateway: AWS's own. */
const managed = async () => {
  await ask('CreateNatGateway', { SubnetId, ConnectivityType: 'private' })
  const Filters = [{ Name: 'interface-type', Values: ['nat_gateway'] }]
  return (await ask('DescribeNetworkInterfaces', { Filters })).NetworkInterfaces![0]!
}

describe('network interfaces of users', () => {
  it('are in the default group unless told otherwise, and available', async () => {
    const one = await made({ Description: 'mine', PrivateIpAddress: '10.0.0.10' })
    expect(one).toMatchObject({ Status: 'pending', RequesterManaged: false, Description: 'mine' })
    const found = await shown(one.NetworkInterfaceId!)
    expect(found).toMatchObject({
      Status: 'available',
      PrivateIpAddress: '10.0.0.10',
      PrivateDnsName: 'ip-10-0-0-10.eu-west-1.compute.internal',
      Groups: [{ GroupName: 'default' }],
      SourceDestCheck: true,
      InterfaceType: 'interface',
    })
    expect(found.Attachment).toBeUndefined()
    await expect(ask('DeleteSubnet', { SubnetId })).rejects.toMatchObject({ code: 'DependencyViolation' })
  })

  it('have further addresses, which the subnet counts', async () => {
    const PrivateIpAddresses = [
      { Primary: true, PrivateIpAddress: '10.0.0.10' },
      { Primary: false, PrivateIpAddress: '10.0.0.11' },
    ]
    const id = await eni({ PrivateIpAddresses, SecondaryPrivateIpAddressCount: 1 })
    const addresses = (await shown(id)).PrivateIpAddresses!
    expect(addresses).toMatchObject([{ Primary: true, PrivateIpAddress: '10.0.0.10' }, { Primary: false }, {}])
    expect((await ask('DescribeSubnets', {})).Subnets).toMatchObject([{ AvailableIpAddressCount: 123 - 3 }])
    const Filters = [{ Name: 'addresses.private-ip-address', Values: ['10.0.0.11'] }]
    expect((await ask('DescribeNetworkInterfaces', { Filters })).NetworkInterfaces).toHaveLength(1)
  })

  it('are given addresses and lose them', async () => {
    const NetworkInterfaceId = await eni({ PrivateIpAddress: '10.0.0.10' })
    const named = { NetworkInterfaceId, PrivateIpAddresses: ['10.0.0.20'] }
    expect(await ask('AssignPrivateIpAddresses', named)).toEqual({
      NetworkInterfaceId,
      AssignedPrivateIpAddresses: [{ PrivateIpAddress: '10.0.0.20' }],
    })
    await ask('AssignPrivateIpAddresses', { NetworkInterfaceId, SecondaryPrivateIpAddressCount: 2 })
    expect((await shown(NetworkInterfaceId)).PrivateIpAddresses).toHaveLength(4)
    await ask('UnassignPrivateIpAddresses', named)
    expect((await shown(NetworkInterfaceId)).PrivateIpAddresses).toHaveLength(3)
    // It rests: late packets must not reach somebody else.
    await expect(made({ PrivateIpAddress: '10.0.0.20' })).rejects.toMatchObject({ code: 'InvalidIPAddress.InUse' })
    await expect(ask('UnassignPrivateIpAddresses', named)).rejects.toEqual(
      refusal(
        'InvalidParameterValue',
        `Some of the specified addresses are not assigned to interface ${NetworkInterfaceId}`,
      ),
    )
    await expect(
      ask('AssignPrivateIpAddresses', {
        NetworkInterfaceId,
        SecondaryPrivateIpAddressCount: PRIVATE_ADDRESSES_PER_INTERFACE,
      }),
    ).rejects.toEqual(refusal('PrivateIpAddressLimitExceeded', 'Number of private addresses will exceed limit.'))
  })

  it('take over an address of another interface of the caller where that is allowed', async () => {
    const PrivateIpAddresses = [
      { Primary: true, PrivateIpAddress: '10.0.0.10' },
      { Primary: false, PrivateIpAddress: '10.0.0.11' },
    ]
    const [one, two] = [await eni({ PrivateIpAddresses }), await eni({ PrivateIpAddress: '10.0.0.12' })]
    await internet(VpcId)
    const { AllocationId, PublicIp } = await ask('AllocateAddress', {})
    await ask('AssociateAddress', {
      AllocationId: AllocationId!,
      NetworkInterfaceId: one,
      PrivateIpAddress: '10.0.0.11',
    })
    const move = (ip: string, AllowReassignment?: boolean) =>
      ask('AssignPrivateIpAddresses', {
        NetworkInterfaceId: two,
        PrivateIpAddresses: [ip],
        ...(AllowReassignment === undefined ? {} : { AllowReassignment }),
      })
    const inUse = (ip: string) => refusal('InvalidIPAddress.InUse', `Address ${ip} is in use.`)
    await expect(move('10.0.0.11')).rejects.toEqual(inUse('10.0.0.11'))
    await expect(move('10.0.0.10', true)).rejects.toEqual(inUse('10.0.0.10'))
    await move('10.0.0.11', true)
    expect((await shown(one)).PrivateIpAddresses).toHaveLength(1)
    expect((await shown(two)).PrivateIpAddresses).toMatchObject([{}, { PrivateIpAddress: '10.0.0.11' }])
    const [address] = (await ask('DescribeAddresses', { PublicIps: [PublicIp!] })).Addresses!
    expect(address).not.toHaveProperty('AssociationId')
  })

  it('of a load balancer hold on to their elastic addresses', async () => {
    const [NetworkInterfaceId, other] = [await eni(), await eni()]
    await internet(VpcId)
    const { AllocationId } = await ask('AllocateAddress', {})
    const { AssociationId } = await ask('AssociateAddress', { AllocationId: AllocationId!, NetworkInterfaceId })
    const key = ec2Key(call.scope, NetworkInterfaceId)
    await call.store.write(async (tx) => {
      const row = (await tx.get(networkInterfaces, key))!
      await tx.put(networkInterfaces, { ...row, spec: { ...row.spec, requesterId: 'amazon-elb' } })
    })
    const moved = { AllocationId: AllocationId!, NetworkInterfaceId: other, AllowReassociation: true }
    await expect(ask('AssociateAddress', moved)).rejects.toEqual(NOT_YOURS)
    await expect(ask('DisassociateAddress', { AssociationId: AssociationId! })).rejects.toEqual(NOT_YOURS)
    await expect(ask('ReleaseAddress', { AllocationId: AllocationId! })).rejects.toMatchObject({
      code: 'InvalidIPAddress.InUse',
    })
  })

  it('of tasks are given further addresses in extended mode only', async () => {
    const NetworkInterfaceId = await eni()
    const key = ec2Key(call.scope, NetworkInterfaceId)
    const ownerArn = ['arn', 'aws:ecs:eu-west-1:123456789012:task/default/0123'].join(':')
    await call.store.write(async (tx) => {
      const row = (await tx.get(networkInterfaces, key))!
      await tx.put(networkInterfaces, { ...row, spec: { ...row.spec, ownerArn } })
    })
    const more = { NetworkInterfaceId, PrivateIpAddresses: ['10.0.0.20'] }
    await expect(ask('AssignPrivateIpAddresses', more)).rejects.toMatchObject({ code: 'AuthFailure' })
    setUp({ mode: 'extended' })
    await ask('AssignPrivateIpAddresses', more)
    expect((await shown(NetworkInterfaceId)).PrivateIpAddresses).toHaveLength(2)
    await ask('UnassignPrivateIpAddresses', more)
    expect((await shown(NetworkInterfaceId)).PrivateIpAddresses).toHaveLength(1)
    await expect(ask('DeleteNetworkInterface', { NetworkInterfaceId })).rejects.toMatchObject({ code: 'AuthFailure' })
  })

  it('are given IPv6 addresses and lose them, in a subnet that has some', async () => {
    const one = await eni()
    const none = `The subnet ${SubnetId} does not have an IPv6 CIDR block.`
    await expect(ask('AssignIpv6Addresses', { NetworkInterfaceId: one, Ipv6AddressCount: 1 })).rejects.toEqual(
      refusal('InvalidParameterValue', none),
    )
    await ask('AssociateVpcCidrBlock', { VpcId, AmazonProvidedIpv6CidrBlock: true })
    const block = (await ask('DescribeVpcs', { VpcIds: [VpcId] })).Vpcs![0]!.Ipv6CidrBlockAssociationSet![0]!
    const cidr = block.Ipv6CidrBlock!.replace('/56', '/64')
    await ask('AssociateSubnetCidrBlock', { SubnetId, Ipv6CidrBlock: cidr })
    const base = cidr.replace('/64', '')
    expect(await ask('AssignIpv6Addresses', { NetworkInterfaceId: one, Ipv6Addresses: [`${base}0010`] })).toMatchObject(
      {
        AssignedIpv6Addresses: [`${base}10`],
      },
    )
    const more = await ask('AssignIpv6Addresses', { NetworkInterfaceId: one, Ipv6AddressCount: 2 })
    expect(new Set([`${base}10`, ...more.AssignedIpv6Addresses!])).toHaveProperty('size', 3)
    expect((await shown(one)).Ipv6Addresses).toHaveLength(3)
    const two = await made({ Ipv6AddressCount: 1 })
    expect(two.Ipv6Addresses).toHaveLength(1)
    expect((await made({ Ipv6Addresses: [{ Ipv6Address: `${base}20` }] })).Ipv6Addresses).toEqual([
      { Ipv6Address: `${base}20` },
    ])
    for (const [address, code, message] of [
      [`${base}20`, 'InvalidIPAddress.InUse', `Address ${base}20 is in use.`],
      [`${base}2`, 'InvalidParameterValue', "Address is in subnet's reserved address range"],
      ['2001:db9::1', 'InvalidParameterValue', "Address does not fall within the subnet's address range"],
    ] as const) {
      const assigned = ask('AssignIpv6Addresses', { NetworkInterfaceId: one, Ipv6Addresses: [address] })
      await expect(assigned).rejects.toEqual(refusal(code, message))
    }
    expect((await made()).Ipv6Addresses).toEqual([])
    await ask('ModifySubnetAttribute', { SubnetId, AssignIpv6AddressOnCreation: { Value: true } })
    expect((await made()).Ipv6Addresses).toHaveLength(1)
    expect(
      await ask('UnassignIpv6Addresses', { NetworkInterfaceId: one, Ipv6Addresses: [`${base}0:10`] }),
    ).toMatchObject({
      UnassignedIpv6Addresses: [`${base}10`],
    })
    await expect(
      ask('UnassignIpv6Addresses', { NetworkInterfaceId: one, Ipv6Addresses: [`${base}10`] }),
    ).rejects.toEqual(
      refusal('InvalidParameterValue', `Some of the specified addresses are not assigned to interface ${one}`),
    )
    await expect(
      ask('AssignIpv6Addresses', { NetworkInterfaceId: one, Ipv6AddressCount: PRIVATE_ADDRESSES_PER_INTERFACE }),
    ).rejects.toEqual(refusal('Ipv6AddressLimitExceeded', 'Number of IPv6 addresses will exceed limit.'))
    await expect(ask('AssignIpv6Addresses', { NetworkInterfaceId: one })).rejects.toMatchObject({
      code: 'MissingParameter',
    })
    const { NetworkInterfaceId: ofGateway } = await managed()
    await expect(
      ask('AssignIpv6Addresses', { NetworkInterfaceId: ofGateway!, Ipv6AddressCount: 1 }),
    ).rejects.toMatchObject({ code: 'AuthFailure' })
  })

  it('change their description, groups and check, one at a time', async () => {
    const NetworkInterfaceId = await eni()
    const web = await group('web')
    const change = (input: object) => ask('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, ...input })
    await change({ Description: { Value: 'other' } })
    await change({ Groups: [web] })
    await change({ SourceDestCheck: { Value: false } })
    expect(await shown(NetworkInterfaceId)).toMatchObject({
      Description: 'other',
      Groups: [{ GroupId: web, GroupName: 'web' }],
      SourceDestCheck: false,
    })
    await expect(ask('DeleteSecurityGroup', { GroupId: web })).rejects.toEqual(
      refusal('DependencyViolation', `resource ${web} has a dependent object`),
    )
    await ask('ResetNetworkInterfaceAttribute', { NetworkInterfaceId, SourceDestCheck: 'true' })
    const asked = (Attribute: 'description' | 'groupSet' | 'sourceDestCheck' | 'attachment') =>
      ask('DescribeNetworkInterfaceAttribute', { NetworkInterfaceId, Attribute })
    expect(await asked('sourceDestCheck')).toEqual({ NetworkInterfaceId, SourceDestCheck: { Value: true } })
    expect(await asked('description')).toEqual({ NetworkInterfaceId, Description: { Value: 'other' } })
    expect(await asked('groupSet')).toEqual({ NetworkInterfaceId, Groups: [{ GroupId: web, GroupName: 'web' }] })
    expect(await asked('attachment')).toEqual({ NetworkInterfaceId })
    await expect(change({})).rejects.toEqual(refusal('InvalidParameterCombination', 'No attributes specified.'))
    await expect(change({ Description: { Value: 'x' }, Groups: [web] })).rejects.toEqual(
      refusal('InvalidParameterCombination', 'Fields for multiple attribute types specified.'),
    )
    await expect(change({ Attachment: { AttachmentId: 'eni-attach-12345678' } })).rejects.toEqual(
      refusal('InvalidAttachmentID.NotFound', "The attachment ID 'eni-attach-12345678' does not exist"),
    )
    await expect(change({ EnablePrimaryIpv6: true })).rejects.toEqual(
      refusal('UnsupportedOperation', 'EnablePrimaryIpv6 is not supported.'),
    )
  })

  it('are made once for one token', async () => {
    const id = await eni({ ClientToken: 'token' })
    expect(await eni({ ClientToken: 'token' })).toBe(id)
    const other = await subnet(VpcId, '10.0.1.0/24')
    await expect(eni({ ClientToken: 'token', SubnetId: other })).rejects.toMatchObject({
      code: 'IdempotentParameterMismatch',
    })
  })

  it('are in five groups at most, all of their VPC', async () => {
    const names = Array.from({ length: SECURITY_GROUPS_PER_INTERFACE + 1 }, (_, n) => `group-${n}`)
    const Groups: string[] = []
    for (const name of names) Groups.push(await group(name))
    await expect(made({ Groups })).rejects.toEqual(
      refusal(
        'SecurityGroupsPerInterfaceLimitExceeded',
        'The maximum number of security groups per interface has been reached.',
      ),
    )
    const foreign = await group('web', await vpc('10.9.0.0/16'))
    await expect(made({ Groups: [foreign] })).rejects.toEqual(
      refusal('InvalidParameter', `Security group ${foreign} and subnet ${SubnetId} belong to different networks.`),
    )
  })

  it('are as many as the subnet has addresses', async () => {
    const small = await subnet(VpcId, '10.0.1.0/28')
    for (let n = 0; n < 11; n++) await eni({ SubnetId: small })
    await expect(eni({ SubnetId: small })).rejects.toEqual(
      refusal(
        'InsufficientFreeAddressesInSubnet',
        'The specified subnet does not have enough free addresses to satisfy the request.',
      ),
    )
  })

  it.each([
    [{ PrivateIpAddress: '10.0.0.1' }, 'InvalidParameterValue', "Address is in subnet's reserved address range"],
    [
      { PrivateIpAddress: '10.0.0.9', PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: '10.0.0.8' }] },
      'InvalidParameterCombination',
      'Only one primary private IP address can be specified.',
    ],
    [
      {
        PrivateIpAddresses: [
          { Primary: true, PrivateIpAddress: '10.0.0.9' },
          { Primary: false, PrivateIpAddress: '10.0.0.9' },
        ],
      },
      'InvalidIPAddress.InUse',
      'Address 10.0.0.9 is in use.',
    ],
    [{ Groups: ['sg-12345678'] }, 'InvalidGroup.NotFound', "The security group 'sg-12345678' does not exist"],
    [{ SubnetId: 'subnet-12345678' }, 'InvalidSubnetID.NotFound', "The subnet ID 'subnet-12345678' does not exist"],
    [{ InterfaceType: 'efa' }, 'UnsupportedOperation', 'Interfaces of the type efa are not supported.'],
    [{ Ipv6PrefixCount: 1 }, 'UnsupportedOperation', 'Ipv6PrefixCount is not supported.'],
  ])('%j: %s', async (input, code, message) => {
    await expect(made(input)).rejects.toEqual(refusal(code, message))
  })

  it('cannot be attached, there being no instances', async () => {
    const NetworkInterfaceId = await eni()
    await expect(
      ask('AttachNetworkInterface', { NetworkInterfaceId, InstanceId: 'i-12345678', DeviceIndex: 1 }),
    ).rejects.toEqual(refusal('InvalidInstanceID.NotFound', "The instance ID 'i-12345678' does not exist"))
    await expect(ask('DetachNetworkInterface', { AttachmentId: 'eni-attach-12345678' })).rejects.toEqual(
      refusal('InvalidAttachmentID.NotFound', "The attachment ID 'eni-attach-12345678' does not exist"),
    )
  })
})

describe('network interfaces of AWS', () => {
  it("are not the caller's to change", async () => {
    const { NetworkInterfaceId, Attachment } = await managed()
    const id = { NetworkInterfaceId: NetworkInterfaceId! }
    await expect(ask('DeleteNetworkInterface', id)).rejects.toEqual(
      refusal('InvalidParameterValue', `Network interface '${NetworkInterfaceId}' is currently in use.`),
    )
    await expect(ask('ModifyNetworkInterfaceAttribute', { ...id, Description: { Value: 'x' } })).rejects.toEqual(
      NOT_YOURS,
    )
    await expect(ask('ResetNetworkInterfaceAttribute', { ...id, SourceDestCheck: 'x' })).rejects.toEqual(NOT_YOURS)
    await expect(ask('AssignPrivateIpAddresses', { ...id, SecondaryPrivateIpAddressCount: 1 })).rejects.toEqual(
      NOT_YOURS,
    )
    await expect(ask('AttachNetworkInterface', { ...id, InstanceId: 'i-12345678', DeviceIndex: 1 })).rejects.toEqual(
      NOT_YOURS,
    )
    await expect(ask('DetachNetworkInterface', { AttachmentId: Attachment!.AttachmentId! })).rejects.toEqual(
      refusal('OperationNotPermitted', "You are not allowed to manage 'ela-attach' attachments."),
    )
    const AllocationId = (await ask('AllocateAddress', {})).AllocationId!
    await expect(ask('AssociateAddress', { ...id, AllocationId })).rejects.toEqual(NOT_YOURS)
  })
})
