// DHCP options as a caller sees them.

import { expect, it } from 'vitest'
import { ask, goTo, vpc } from '#test/ec2-calls.ts'
import { refusal } from '#test/refusal.ts'
import { DHCP_OPTIONS_PER_REGION } from './model/limits.ts'

const make = async (Key = 'domain-name', ...Values: string[]) =>
  (await ask('CreateDhcpOptions', { DhcpConfigurations: [{ Key, Values }] })).DhcpOptions!.DhcpOptionsId!
const all = async () => (await ask('DescribeDhcpOptions', {})).DhcpOptions!

it('every region has default options, which every VPC uses until told otherwise', async () => {
  const [standard] = await all()
  expect(standard).toEqual({
    DhcpOptionsId: expect.stringMatching(/^dopt-[0-9a-f]{17}$/),
    OwnerId: '123456789012',
    DhcpConfigurations: [
      { Key: 'domain-name', Values: [{ Value: 'eu-west-1.compute.internal' }] },
      { Key: 'domain-name-servers', Values: [{ Value: 'AmazonProvidedDNS' }] },
    ],
    Tags: [],
  })
  const DhcpOptionsId = standard!.DhcpOptionsId!
  const VpcId = await vpc()
  const shown = async () => (await ask('DescribeVpcs', {})).Vpcs![0]!.DhcpOptionsId
  expect(await shown()).toBe(DhcpOptionsId)
  await ask('AssociateDhcpOptions', { VpcId, DhcpOptionsId: 'default' })
  expect(await shown()).toBe('default')
  const own = await make('domain-name', 'example.test')
  await ask('AssociateDhcpOptions', { VpcId, DhcpOptionsId: own })
  const Filters = [{ Name: 'dhcp-options-id', Values: [own] }]
  expect((await ask('DescribeVpcs', { Filters })).Vpcs).toHaveLength(1)
  for (const id of [own, DhcpOptionsId]) {
    await expect(ask('DeleteDhcpOptions', { DhcpOptionsId: id })).rejects.toEqual(
      refusal('DependencyViolation', `The dhcpOptions '${id}' has dependencies and cannot be deleted.`),
    )
  }
  await ask('AssociateDhcpOptions', { VpcId, DhcpOptionsId })
  await ask('DeleteDhcpOptions', { DhcpOptionsId: own })
  await expect(ask('AssociateDhcpOptions', { VpcId, DhcpOptionsId: own })).rejects.toEqual(
    refusal('InvalidDhcpOptionID.NotFound', `The dhcpOption ID '${own}' does not exist`),
  )
})

it('options differ between regions, and us-east-1 has its old domain', async () => {
  const [here] = await all()
  goTo('us-east-1')
  const [there] = await all()
  expect(there!.DhcpOptionsId).not.toBe(here!.DhcpOptionsId)
  expect(there!.DhcpConfigurations![0]).toEqual({ Key: 'domain-name', Values: [{ Value: 'ec2.internal' }] })
})

it('options are tagged, the default ones too, and found', async () => {
  const [standard] = await all()
  const made = await ask('CreateDhcpOptions', {
    DhcpConfigurations: [
      { Key: 'domain-name-servers', Values: ['10.0.0.2, 10.0.0.3'] },
      { Key: 'ntp-servers', Values: ['169.254.169.123', 'fd00:ec2::123'] },
      { Key: 'netbios-name-servers', Values: ['10.0.0.4'] },
      { Key: 'netbios-node-type', Values: ['2'] },
      { Key: 'ipv6-address-preferred-lease-time', Values: ['140'] },
    ],
    TagSpecifications: [{ ResourceType: 'dhcp-options', Tags: [{ Key: 'a', Value: 'b' }] }],
  })
  const id = made.DhcpOptions!.DhcpOptionsId!
  await ask('CreateTags', { Resources: [standard!.DhcpOptionsId!], Tags: [{ Key: 'a', Value: 'c' }] })
  expect((await all()).map((row) => String(row.Tags![0]!.Value)).toSorted()).toEqual(['b', 'c'])
  expect((await ask('DescribeTags', {})).Tags!.map((tag) => tag.ResourceType)).toEqual(['dhcp-options', 'dhcp-options'])
  for (const [Name, value] of [
    ['value', '10.0.0.3'],
    ['key', 'ntp-servers'],
    ['dhcp-options-id', id],
    ['tag:a', 'b'],
  ] as const) {
    const found = await ask('DescribeDhcpOptions', {
      Filters: [
        { Name, Values: [value] },
        { Name: 'owner-id', Values: ['123456789012'] },
      ],
    })
    expect(found.DhcpOptions!.map((row) => row.DhcpOptionsId)).toEqual([id])
  }
})

it.each([
  [['colour', 'red'], 'Value (colour) for parameter name is invalid. Unknown DHCP option'],
  [['toString', 'x'], 'Value (toString) for parameter name is invalid. Unknown DHCP option'],
  [['domain-name'], 'The request must contain the parameter dhcpConfiguration.value'],
  [['domain-name', 'a', 'b'], 'At most 1 values can be specified for the DHCP option domain-name'],
  [
    ['domain-name-servers', '1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4', '1.1.1.5'],
    'At most 4 values can be specified for the DHCP option domain-name-servers',
  ],
  [
    ['domain-name-servers', 'AmazonProvidedDNS', '1.1.1.1'],
    'AmazonProvidedDNS cannot be combined with other domain name servers',
  ],
  [['ntp-servers', 'clock'], 'Value (clock) for parameter ntp-servers is invalid. Invalid DHCP option value.'],
  [['netbios-node-type', '3'], 'Value (3) for parameter netbios-node-type is invalid. Invalid DHCP option value.'],
] as const)('%j is refused', async ([key, ...values], message) => {
  await expect(make(key, ...values)).rejects.toMatchObject({ message })
})

it('no options, the same twice, and too many sets are refused', async () => {
  await expect(ask('CreateDhcpOptions', { DhcpConfigurations: [] })).rejects.toEqual(
    refusal('MissingParameter', 'The request must contain the parameter dhcpConfiguration'),
  )
  const twice = [
    { Key: 'domain-name', Values: ['a'] },
    { Key: 'domain-name', Values: ['b'] },
  ]
  await expect(ask('CreateDhcpOptions', { DhcpConfigurations: twice })).rejects.toEqual(
    refusal('InvalidParameterValue', 'The DHCP option domain-name must not appear multiple times'),
  )
  for (let n = 1; n < DHCP_OPTIONS_PER_REGION; n++) await make('domain-name', `d${n}`)
  await expect(make('domain-name', 'one-more')).rejects.toEqual(
    refusal('DhcpOptionsLimitExceeded', 'The maximum number of DHCP options has been reached.'),
  )
  await expect(ask('DescribeDhcpOptions', { DhcpOptionsIds: ['x'] })).rejects.toEqual(
    refusal('InvalidDhcpOptionsId.Malformed', 'Invalid id: "x" (expecting "dopt-...")'),
  )
})
