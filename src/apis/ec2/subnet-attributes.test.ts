// The attributes of a subnet as a caller sees them.

import { describe, expect, it } from 'vitest'
import { ask, subnet, vpc } from '#test/ec2-calls.ts'
import { refusal } from '#test/refusal.ts'

describe('attributes of a subnet', () => {
  it('are changed one by one', async () => {
    const VpcId = await vpc()
    const given = await ask('AssociateVpcCidrBlock', { VpcId, AmazonProvidedIpv6CidrBlock: true })
    const Ipv6CidrBlock = given.Ipv6CidrBlockAssociation!.Ipv6CidrBlock!.replace('/56', '/64')
    const SubnetId = (await ask('CreateSubnet', { VpcId, CidrBlock: '10.0.1.0/24', Ipv6CidrBlock })).Subnet!.SubnetId!
    const on = { Value: true }
    await ask('ModifySubnetAttribute', { SubnetId, AssignIpv6AddressOnCreation: on })
    await ask('ModifySubnetAttribute', { SubnetId, EnableDns64: on })
    await ask('ModifySubnetAttribute', { SubnetId, PrivateDnsHostnameTypeOnLaunch: 'resource-name' })
    await ask('ModifySubnetAttribute', { SubnetId, EnableResourceNameDnsARecordOnLaunch: on })
    await ask('ModifySubnetAttribute', { SubnetId, EnableResourceNameDnsAAAARecordOnLaunch: on })
    await ask('ModifySubnetAttribute', { SubnetId, MapCustomerOwnedIpOnLaunch: { Value: false } })
    expect((await ask('DescribeSubnets', { SubnetIds: [SubnetId] })).Subnets).toMatchObject([
      {
        AssignIpv6AddressOnCreation: true,
        EnableDns64: true,
        MapPublicIpOnLaunch: false,
        PrivateDnsNameOptionsOnLaunch: {
          HostnameType: 'resource-name',
          EnableResourceNameDnsARecord: true,
          EnableResourceNameDnsAAAARecord: true,
        },
      },
    ])
  })

  it.each([
    [{}, 'No attributes specified.'],
    [
      { EnableDns64: { Value: true }, MapPublicIpOnLaunch: { Value: true } },
      'Fields for multiple attribute types specified.',
    ],
    [{ CustomerOwnedIpv4Pool: 'x' }, 'The attribute CustomerOwnedIpv4Pool is not supported.'],
    [{ EnableLniAtDeviceIndex: 1 }, 'The attribute EnableLniAtDeviceIndex is not supported.'],
  ])('are not changed as %j', async (input, message) => {
    const SubnetId = await subnet(await vpc())
    await expect(ask('ModifySubnetAttribute', { SubnetId, ...input })).rejects.toMatchObject({ message })
    for (const name of ['AssignIpv6AddressOnCreation', 'EnableResourceNameDnsAAAARecordOnLaunch']) {
      await expect(ask('ModifySubnetAttribute', { SubnetId, [name]: { Value: true } })).rejects.toEqual(
        refusal(
          'InvalidParameterValue',
          `The subnet '${SubnetId}' does not have an IPv6 CIDR block associated with it.`,
        ),
      )
    }
  })
})
