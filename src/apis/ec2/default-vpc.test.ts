// The default VPC and its subnets as a caller sees them.

import { describe, expect, it } from 'vitest'
import { ask, call } from '#test/ec2-calls.ts'
import { refusal } from '#test/refusal.ts'
import { internetGateways, subnets } from './tables.ts'

describe('the default VPC', () => {
  it('is made again with subnets and a way out, but not twice', async () => {
    await expect(ask('CreateDefaultSubnet', { AvailabilityZone: 'eu-west-1a' })).rejects.toEqual(
      refusal('DefaultVpcDoesNotExist', 'No default VPC exists for this account in this region.'),
    )
    const { Vpc } = await ask('CreateDefaultVpc', {})
    expect(Vpc).toMatchObject({ CidrBlock: '172.31.0.0/16', IsDefault: true, State: 'pending' })
    expect(await call.store.read((reader) => reader.list(internetGateways))).toMatchObject([{ vpcId: Vpc!.VpcId }])
    await expect(ask('CreateDefaultVpc', {})).rejects.toEqual(
      refusal('DefaultVpcAlreadyExists', 'A Default VPC already exists for this account in this region.'),
    )
    const there = (await call.store.read((reader) => reader.list(subnets))).find(
      (subnet) => subnet.availabilityZone === 'eu-west-1b',
    )!
    await expect(ask('CreateDefaultSubnet', { AvailabilityZone: 'eu-west-1b' })).rejects.toEqual(
      refusal(
        'DefaultSubnetAlreadyExistsInAvailabilityZone',
        `'${there.id}' is already the default subnet in eu-west-1b.`,
      ),
    )
    await ask('DeleteSubnet', { SubnetId: there.id })
    for (const [zone, block] of [
      ['eu-west-1b', '172.31.16.0/20'],
      ['eu-west-1f', '172.31.48.0/20'],
    ] as const) {
      expect(await ask('CreateDefaultSubnet', { AvailabilityZone: zone })).toMatchObject({
        Subnet: { CidrBlock: block, DefaultForAz: true, MapPublicIpOnLaunch: true },
      })
    }
    await expect(ask('CreateDefaultSubnet', {})).rejects.toEqual(
      refusal('MissingParameter', 'The request must contain the parameter availabilityZone'),
    )
    await expect(
      ask('CreateDefaultSubnet', { AvailabilityZone: 'eu-west-1d', Ipv6Native: true }),
    ).rejects.toMatchObject({ code: 'UnsupportedOperation' })
  })

  it('may be too full for another subnet', async () => {
    const { Vpc } = await ask('CreateDefaultVpc', {})
    for (let n = 3; n < 16; n++) {
      await ask('CreateSubnet', { VpcId: Vpc!.VpcId!, CidrBlock: `172.31.${n * 16}.0/20` })
    }
    await expect(ask('CreateDefaultSubnet', { AvailabilityZone: 'eu-west-1e' })).rejects.toEqual(
      refusal(
        'InsufficientCidrBlocks',
        'The default VPC does not have enough free addresses for another default subnet.',
      ),
    )
  })
})
