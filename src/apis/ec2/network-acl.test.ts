// Network ACLs as a caller sees them.

import { beforeEach, describe, expect, it } from 'vitest'
import { ask, call, subnet, vpc } from '#test/ec2-calls.ts'
import { refusal } from '#test/refusal.ts'
import { ENTRIES_PER_NETWORK_ACL, NETWORK_ACLS_PER_VPC } from './model/limits.ts'
import { ec2Key, networkAcls, vpcs } from './tables.ts'

let VpcId: string
let SubnetId: string

beforeEach(async () => {
  VpcId = await vpc()
  SubnetId = await subnet(VpcId, '10.0.1.0/24')
})

const acl = async (vpcId = VpcId) => (await ask('CreateNetworkAcl', { VpcId: vpcId })).NetworkAcl!.NetworkAclId!
const found = async (name: string, value: string) =>
  (await ask('DescribeNetworkAcls', { Filters: [{ Name: name, Values: [value] }] })).NetworkAcls!
const main = async () => (await found('default', 'true'))[0]!
const https = {
  RuleNumber: 100,
  Protocol: 'tcp',
  RuleAction: 'allow',
  Egress: false,
  CidrBlock: '10.2.3.4/8',
  PortRange: { From: 443, To: 443 },
} as const

describe('the default network ACL', () => {
  it('is there with every VPC, lets everything through, and every subnet follows it', async () => {
    expect(await main()).toEqual({
      NetworkAclId: expect.stringMatching(/^acl-[0-9a-f]{17}$/),
      OwnerId: '123456789012',
      VpcId,
      IsDefault: true,
      Associations: [
        { NetworkAclAssociationId: expect.stringMatching(/^aclassoc-/), NetworkAclId: expect.any(String), SubnetId },
      ],
      Entries: [
        { CidrBlock: '0.0.0.0/0', Egress: true, Protocol: '-1', RuleAction: 'allow', RuleNumber: 100 },
        { CidrBlock: '0.0.0.0/0', Egress: true, Protocol: '-1', RuleAction: 'deny', RuleNumber: 32767 },
        { CidrBlock: '0.0.0.0/0', Egress: false, Protocol: '-1', RuleAction: 'allow', RuleNumber: 100 },
        { CidrBlock: '0.0.0.0/0', Egress: false, Protocol: '-1', RuleAction: 'deny', RuleNumber: 32767 },
      ],
      Tags: [],
    })
  })

  it('is changed and tagged, keeps its subnets, and goes with the VPC, not before', async () => {
    const id = (await main()).NetworkAclId!
    await ask('DeleteNetworkAclEntry', { NetworkAclId: id, RuleNumber: 100, Egress: false })
    await ask('CreateTags', { Resources: [id], Tags: [{ Key: 'Name', Value: 'main' }] })
    expect(await main()).toMatchObject({
      NetworkAclId: id,
      Associations: [{ SubnetId }],
      Tags: [{ Key: 'Name', Value: 'main' }],
    })
    expect((await main()).Entries).toHaveLength(3)
    expect((await ask('DescribeTags', {})).Tags).toMatchObject([{ ResourceId: id, ResourceType: 'network-acl' }])
    await expect(ask('DeleteNetworkAcl', { NetworkAclId: id })).rejects.toEqual(
      refusal('InvalidParameterValue', `cannot delete default network ACL ${id}`),
    )
    await ask('DeleteSubnet', { SubnetId })
    await ask('DeleteVpc', { VpcId })
    expect(await call.store.read((reader) => reader.count(networkAcls))).toBe(0)
    await expect(ask('DescribeNetworkAcls', { NetworkAclIds: [id] })).rejects.toEqual(
      refusal('InvalidNetworkAclID.NotFound', `The networkAcl ID '${id}' does not exist`),
    )
  })

  it('has a word on IPv6 where the VPC has IPv6', async () => {
    await call.store.write(async (tx) => {
      const row = (await tx.get(vpcs, ec2Key(call.scope, VpcId)))!
      await tx.put(vpcs, { ...row, ipv6Cidrs: [{ id: 'vpc-cidr-assoc-1', cidr: '2001:db8::/56' }] })
    })
    expect(
      (await main()).Entries!.map((entry) => `${entry.RuleNumber} ${entry.CidrBlock ?? entry.Ipv6CidrBlock}`),
    ).toEqual([
      '100 0.0.0.0/0',
      '101 ::/0',
      '32767 0.0.0.0/0',
      '32768 ::/0',
      '100 0.0.0.0/0',
      '101 ::/0',
      '32767 0.0.0.0/0',
      '32768 ::/0',
    ])
  })
})

describe('a network ACL', () => {
  it('is made empty, once per client token, and deleted when no subnet follows it', async () => {
    const request = {
      VpcId,
      ClientToken: 'once',
      TagSpecifications: [{ ResourceType: 'network-acl' as const, Tags: [{ Key: 'a', Value: 'b' }] }],
    }
    const made = await ask('CreateNetworkAcl', request)
    expect(made).toMatchObject({ ClientToken: 'once', NetworkAcl: { IsDefault: false, Associations: [] } })
    expect(made.NetworkAcl!.Entries!.map((entry) => entry.RuleNumber)).toEqual([32767, 32767])
    expect(await ask('CreateNetworkAcl', request)).toEqual(made)
    const NetworkAclId = made.NetworkAcl!.NetworkAclId!
    const AssociationId = (await main()).Associations![0]!.NetworkAclAssociationId!
    const { NewAssociationId } = await ask('ReplaceNetworkAclAssociation', { AssociationId, NetworkAclId })
    expect(await found('association.subnet-id', SubnetId)).toMatchObject([
      { NetworkAclId, Associations: [{ NetworkAclAssociationId: NewAssociationId, SubnetId }] },
    ])
    await expect(ask('DeleteNetworkAcl', { NetworkAclId })).rejects.toEqual(
      refusal('DependencyViolation', `The networkAcl '${NetworkAclId}' has dependencies and cannot be deleted.`),
    )
    await expect(ask('DeleteVpc', { VpcId })).rejects.toMatchObject({ code: 'DependencyViolation' })
    const back = { AssociationId: NewAssociationId!, NetworkAclId: (await main()).NetworkAclId! }
    await ask('ReplaceNetworkAclAssociation', back)
    expect((await main()).Associations).toMatchObject([{ SubnetId }])
    await expect(ask('ReplaceNetworkAclAssociation', back)).rejects.toEqual(
      refusal('InvalidAssociationID.NotFound', `The association ID '${NewAssociationId}' does not exist`),
    )
    await ask('DeleteNetworkAcl', { NetworkAclId })
    expect(await found('vpc-id', VpcId)).toHaveLength(1)
  })

  it('forgets a subnet that is deleted', async () => {
    const NetworkAclId = await acl()
    const AssociationId = (await main()).Associations![0]!.NetworkAclAssociationId!
    await ask('ReplaceNetworkAclAssociation', { AssociationId, NetworkAclId })
    await ask('DeleteSubnet', { SubnetId })
    expect(await found('network-acl-id', NetworkAclId)).toMatchObject([{ Associations: [] }])
    await ask('DeleteNetworkAcl', { NetworkAclId })
  })

  it('of another VPC cannot be followed', async () => {
    const other = await vpc('10.1.0.0/16')
    const NetworkAclId = await acl(other)
    const [own] = await found('vpc-id', VpcId)
    const AssociationId = own!.Associations![0]!.NetworkAclAssociationId!
    await expect(ask('ReplaceNetworkAclAssociation', { AssociationId, NetworkAclId })).rejects.toEqual(
      refusal(
        'InvalidParameterValue',
        `network ACL ${NetworkAclId} and subnet ${SubnetId} belong to different networks`,
      ),
    )
  })

  it('is one of a limited number', async () => {
    const id = await acl()
    const row = (await call.store.read((reader) => reader.get(networkAcls, ec2Key(call.scope, id))))!
    await call.store.write(async (tx) => {
      for (let n = 1; n < NETWORK_ACLS_PER_VPC - 1; n++) await tx.put(networkAcls, { ...row, id: `acl-${n}` })
    })
    await expect(acl()).rejects.toEqual(
      refusal('NetworkAclLimitExceeded', 'The maximum number of network ACLs has been reached.'),
    )
  })
})

describe('rules of a network ACL', () => {
  it('are added, replaced, found and taken away', async () => {
    const NetworkAclId = await acl()
    await ask('CreateNetworkAclEntry', { NetworkAclId, ...https })
    await ask('CreateNetworkAclEntry', { NetworkAclId, ...https, Egress: true })
    const ping = { IcmpTypeCode: { Type: 8, Code: -1 }, Protocol: '58', Ipv6CidrBlock: '2001:DB8::1/32' }
    await ask('CreateNetworkAclEntry', { NetworkAclId, RuleNumber: 90, RuleAction: 'deny', Egress: false, ...ping })
    const [shown] = await found('entry.port-range.from', '443')
    expect(shown!.Entries!.filter((entry) => entry.Egress === false)).toEqual([
      {
        Ipv6CidrBlock: '2001:db8::/32',
        Egress: false,
        IcmpTypeCode: { Type: 8, Code: -1 },
        Protocol: '58',
        RuleAction: 'deny',
        RuleNumber: 90,
      },
      {
        CidrBlock: '10.0.0.0/8',
        Egress: false,
        PortRange: { From: 443, To: 443 },
        Protocol: '6',
        RuleAction: 'allow',
        RuleNumber: 100,
      },
      { CidrBlock: '0.0.0.0/0', Egress: false, Protocol: '-1', RuleAction: 'deny', RuleNumber: 32767 },
    ])
    await ask('ReplaceNetworkAclEntry', { NetworkAclId, ...https, RuleAction: 'deny', Protocol: '17' })
    expect(await found('entry.protocol', 'udp')).toMatchObject([{ NetworkAclId }])
    await ask('DeleteNetworkAclEntry', { NetworkAclId, RuleNumber: 100, Egress: false })
    expect(await found('entry.protocol', 'udp')).toEqual([])
    for (const call of ['DeleteNetworkAclEntry', 'ReplaceNetworkAclEntry'] as const) {
      await expect(ask(call, { NetworkAclId, ...https })).rejects.toEqual(
        refusal('InvalidNetworkAclEntry.NotFound', `no ingress entry with number 100 in network ACL ${NetworkAclId}`),
      )
    }
  })

  it.each([
    ['association.network-acl-id', 'acl-*'],
    ['association.association-id', 'aclassoc-*'],
    ['entry.cidr', '0.0.0.0/0'],
    ['entry.egress', 'true'],
    ['entry.rule-action', 'deny'],
    ['entry.rule-number', '100'],
    ['network-acl-id', 'acl-*'],
    ['owner-id', '123456789012'],
  ])('are found by %s', async (name, value) => {
    expect(await found(name, value)).toMatchObject([{ IsDefault: true }])
  })

  it.each([
    [{ RuleNumber: 0 }, 'Value (0) for parameter ruleNumber is invalid. It must be between 1 and 32766.'],
    [{ RuleNumber: 32767 }, 'Value (32767) for parameter ruleNumber is invalid. It must be between 1 and 32766.'],
    [{ Protocol: 'foo' }, "Invalid value 'foo' for IP protocol. Unknown protocol."],
    [{ Protocol: '256' }, "Invalid value '256' for IP protocol. Unknown protocol."],
    [{ CidrBlock: '10.0.0' }, 'CIDR block 10.0.0 is malformed'],
    [{ CidrBlock: '::/0' }, 'CIDR block ::/0 is malformed'],
    [{ Ipv6CidrBlock: '::/0' }, 'Only one of cidrBlock and ipv6CidrBlock can be specified.'],
    [{ CidrBlock: undefined }, 'The request must contain the parameter cidrBlock'],
    [{ PortRange: undefined }, 'The request must contain the parameter portRange.from'],
    [{ PortRange: { From: 1 } }, 'The request must contain the parameter portRange.to'],
    [{ PortRange: { From: 2, To: 1 } }, 'Invalid TCP port range (2,1).'],
    [{ PortRange: { From: 2, To: 65536 } }, "Invalid value '65536' for portRange. Must be between 0 and 65535."],
    [{ Protocol: '1' }, 'The request must contain the parameter icmpTypeCode.type'],
    [{ Protocol: '1', IcmpTypeCode: { Type: 8 } }, 'The request must contain the parameter icmpTypeCode.code'],
    [
      { Protocol: '1', IcmpTypeCode: { Type: 256, Code: 0 } },
      "Invalid value '256' for ICMP type. Must be between -1 and 255.",
    ],
    [{ RuleAction: 'maybe' }, 'Value (maybe) for parameter ruleAction is invalid. It must be allow or deny.'],
  ])('are refused with %j', async (change, message) => {
    const NetworkAclId = await acl()
    await expect(ask('CreateNetworkAclEntry', { NetworkAclId, ...https, ...(change as {}) })).rejects.toMatchObject({
      message,
    })
  })

  it('are refused where there is one already, and beyond the limit', async () => {
    const NetworkAclId = await acl()
    for (let n = 1; n <= ENTRIES_PER_NETWORK_ACL; n++) {
      await ask('CreateNetworkAclEntry', { NetworkAclId, ...https, RuleNumber: n })
    }
    await expect(ask('CreateNetworkAclEntry', { NetworkAclId, ...https, RuleNumber: 7 })).rejects.toEqual(
      refusal('NetworkAclEntryAlreadyExists', 'The network acl entry identified by 7 already exists.'),
    )
    await expect(ask('CreateNetworkAclEntry', { NetworkAclId, ...https })).rejects.toEqual(
      refusal('NetworkAclEntryLimitExceeded', 'The maximum number of network acl entries has been reached.'),
    )
    await ask('CreateNetworkAclEntry', { NetworkAclId, ...https, Egress: true })
    await expect(ask('CreateNetworkAclEntry', { NetworkAclId: 'acl-12345678', ...https })).rejects.toEqual(
      refusal('InvalidNetworkAclID.NotFound', "The networkAcl ID 'acl-12345678' does not exist"),
    )
    await expect(ask('CreateNetworkAclEntry', { NetworkAclId: 'x', ...https })).rejects.toEqual(
      refusal('InvalidNetworkAclId.Malformed', 'Invalid id: "x" (expecting "acl-...")'),
    )
  })
})
