// Rules of security groups as a caller changes them.

import { beforeEach, describe, expect, it } from 'vitest'
import { ask, call, vpc } from '#test/ec2-calls.ts'
import { refusal } from '#test/refusal.ts'
import { RULES_PER_GROUP } from './model/limits.ts'
import { prefixLists } from './tables.ts'

let VpcId: string
let GroupId: string

const LIST = 'pl-12345678'
const list = (maxEntries: number) =>
  call.store.write((tx) =>
    tx.put(prefixLists, {
      id: LIST,
      scope: call.scope,
      name: 'offices',
      addressFamily: 'IPv4',
      maxEntries,
      version: 1,
      entries: [{ cidr: '192.0.2.0/24' }],
      tags: [],
    }),
  )

const group = async (GroupName: string) =>
  (await ask('CreateSecurityGroup', { VpcId, GroupName, Description: 'd' })).GroupId!

beforeEach(async () => {
  VpcId = await vpc()
  GroupId = await group('web')
})

const tcp = (port: number, rest: object) => ({ IpProtocol: 'tcp', FromPort: port, ToPort: port, ...rest })
const from = (CidrIp: string, Description?: string) => ({ IpRanges: [{ CidrIp, Description }] })
const added = async (permission: object) => {
  const { SecurityGroupRules } = await ask('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [permission] })
  return SecurityGroupRules![0]!.SecurityGroupRuleId!
}
const ruleOf = async (id: string) =>
  (await ask('DescribeSecurityGroupRules', { SecurityGroupRuleIds: [id] })).SecurityGroupRules![0]!
const modify = (SecurityGroupRuleId: string, SecurityGroupRule?: object) =>
  ask('ModifySecurityGroupRules', { GroupId, SecurityGroupRules: [{ SecurityGroupRuleId, SecurityGroupRule }] })

describe('rules by prefix list', () => {
  it('are kept, shown and taken away', async () => {
    await list(5)
    const permission = tcp(443, { PrefixListIds: [{ PrefixListId: LIST, Description: 'the offices' }] })
    const id = await added(permission)
    expect(await ruleOf(id)).toMatchObject({ PrefixListId: LIST, Description: 'the offices', FromPort: 443 })
    const shown = (await ask('DescribeSecurityGroups', { GroupIds: [GroupId] })).SecurityGroups![0]!
    expect(shown.IpPermissions).toMatchObject([{ PrefixListIds: [{ PrefixListId: LIST }] }])
    await expect(added(permission)).rejects.toMatchObject({ code: 'InvalidPermission.Duplicate' })
    await ask('RevokeSecurityGroupIngress', { GroupId, IpPermissions: [permission] })
    await expect(ruleOf(id)).rejects.toMatchObject({ code: 'InvalidSecurityGroupRuleId.NotFound' })
  })

  it("may name AWS's own lists", async () => {
    const { PrefixLists } = await ask('DescribePrefixLists', {})
    const PrefixListId = PrefixLists!.find(({ PrefixListName }) => PrefixListName?.endsWith('.s3'))!.PrefixListId!
    const id = await added(tcp(443, { PrefixListIds: [{ PrefixListId }] }))
    expect(await ruleOf(id)).toMatchObject({ PrefixListId })
  })

  it('need a list that exists', async () => {
    await expect(added(tcp(443, { PrefixListIds: [{ PrefixListId: LIST }] }))).rejects.toEqual(
      refusal('InvalidPrefixListID.NotFound', `The prefix list ID '${LIST}' does not exist`),
    )
  })

  it('count as many as the list may have entries', async () => {
    await list(RULES_PER_GROUP)
    await added(tcp(443, { PrefixListIds: [{ PrefixListId: LIST }] }))
    await expect(added(tcp(80, from('0.0.0.0/0')))).rejects.toEqual(
      refusal('RulesPerSecurityGroupLimitExceeded', 'The maximum number of rules per security group has been reached.'),
    )
  })
})

it('rules of IPv4 and of IPv6 are counted apart', async () => {
  const ports = Array.from({ length: RULES_PER_GROUP }, (_, n) => n + 1)
  const IpPermissions = ports.flatMap((port) => [
    tcp(port, from('10.0.0.0/8')),
    tcp(port, { Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }] }),
  ])
  await ask('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions })
  for (const rest of [
    from('10.0.0.0/8'),
    { Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
    { UserIdGroupPairs: [{ GroupId }] },
  ]) {
    await expect(added(tcp(1000, rest))).rejects.toMatchObject({ code: 'RulesPerSecurityGroupLimitExceeded' })
  }
})

describe('ModifySecurityGroupRules', () => {
  it('makes a rule another one, which keeps its id and tags', async () => {
    const id = await added(tcp(80, from('10.0.0.0/8', 'old')))
    await ask('CreateTags', { Resources: [id], Tags: [{ Key: 'Name', Value: 'x' }] })
    expect(await modify(id, { IpProtocol: 'udp', FromPort: 53, ToPort: 54, CidrIpv4: '10.1.2.3/16' })).toEqual({
      Return: true,
    })
    const rule = await ruleOf(id)
    expect(rule).toMatchObject({
      IpProtocol: 'udp',
      FromPort: 53,
      ToPort: 54,
      CidrIpv4: '10.1.0.0/16',
      IsEgress: false,
    })
    expect(rule).toMatchObject({ Tags: [{ Key: 'Name', Value: 'x' }] })
    expect(rule.Description).toBeUndefined()
  })

  it('changes several rules at once or none', async () => {
    const [a, b] = [await added(tcp(1, from('10.0.0.0/8'))), await added(tcp(2, from('10.0.0.0/8')))]
    const wish = (id: string, port: number) => ({
      SecurityGroupRuleId: id,
      SecurityGroupRule: { IpProtocol: 'tcp', FromPort: port, ToPort: port, CidrIpv4: '10.0.0.0/8' },
    })
    await ask('ModifySecurityGroupRules', { GroupId, SecurityGroupRules: [wish(a, 2), wish(b, 1)] })
    expect(await ruleOf(a)).toMatchObject({ FromPort: 2 })
    await expect(
      ask('ModifySecurityGroupRules', { GroupId, SecurityGroupRules: [wish(a, 3), wish(b, 3)] }),
    ).rejects.toEqual(
      refusal(
        'InvalidPermission.Duplicate',
        'the specified rule "peer: 10.0.0.0/8, TCP, from port: 3, to port: 3, ALLOW" already exists',
      ),
    )
    await expect(
      ask('ModifySecurityGroupRules', { GroupId, SecurityGroupRules: [wish(a, 3), wish(a, 4)] }),
    ).rejects.toEqual(refusal('InvalidParameterValue', 'The same rule must not appear multiple times'))
    expect(await ruleOf(a)).toMatchObject({ FromPort: 2 })
  })

  it.each([
    [{ IpProtocol: '-1', CidrIpv6: '::/0' }, 'InvalidParameterValue', 'The source type of a rule cannot be changed.'],
    [
      { IpProtocol: '-1', CidrIpv4: '0.0.0.0/0', CidrIpv6: '::/0' },
      'InvalidParameterCombination',
      'Only one of cidrIpv4, cidrIpv6, prefixListId, or referencedGroupId can be specified',
    ],
    [{ IpProtocol: '-1' }, 'MissingParameter', 'Source group ID missing.'],
    [undefined, 'MissingParameter', 'The request must contain the parameter SecurityGroupRule'],
    [
      { IpProtocol: '-1', ReferencedGroupId: 'sg-12345678' },
      'InvalidGroup.NotFound',
      "The security group 'sg-12345678' does not exist",
    ],
    [
      { IpProtocol: 'tcp', FromPort: 2, ToPort: 1, CidrIpv4: '0.0.0.0/0' },
      'InvalidParameterValue',
      'Invalid TCP port range (2,1).',
    ],
  ])('refuses %j: %s', async (wish, code, message) => {
    await expect(modify(await added(tcp(80, from('10.0.0.0/8'))), wish)).rejects.toEqual(refusal(code, message))
  })

  it('refuses rules that are not of the group', async () => {
    await expect(modify('sgr-12345678', { IpProtocol: '-1', CidrIpv4: '0.0.0.0/0' })).rejects.toEqual(
      refusal('InvalidSecurityGroupRuleId.NotFound', "The security group rule ID 'sgr-12345678' does not exist"),
    )
    await expect(ask('ModifySecurityGroupRules', { GroupId, SecurityGroupRules: [] })).rejects.toEqual(
      refusal('MissingParameter', 'The request must contain the parameter SecurityGroupRules'),
    )
  })
})

describe('descriptions', () => {
  it('are changed by what a rule allows, and taken away', async () => {
    const id = await added(tcp(80, from('10.0.0.0/8', 'old')))
    const change = (Description?: string) =>
      ask('UpdateSecurityGroupRuleDescriptionsIngress', {
        GroupId,
        IpPermissions: [tcp(80, from('10.0.0.0/8', Description))],
      })
    expect(await change('new')).toEqual({ Return: true })
    expect(await ruleOf(id)).toMatchObject({ Description: 'new', FromPort: 80 })
    await change()
    expect((await ruleOf(id)).Description).toBeUndefined()
  })

  it('are changed by id, in the right direction', async () => {
    const rules = (await ask('DescribeSecurityGroupRules', { Filters: [{ Name: 'group-id', Values: [GroupId] }] }))
      .SecurityGroupRules!
    const SecurityGroupRuleId = rules[0]!.SecurityGroupRuleId!
    const SecurityGroupRuleDescriptions = [{ SecurityGroupRuleId, Description: 'everything' }]
    await ask('UpdateSecurityGroupRuleDescriptionsEgress', { GroupId, SecurityGroupRuleDescriptions })
    expect(await ruleOf(SecurityGroupRuleId)).toMatchObject({ Description: 'everything', IsEgress: true })
    await expect(
      ask('UpdateSecurityGroupRuleDescriptionsIngress', { GroupId, SecurityGroupRuleDescriptions }),
    ).rejects.toMatchObject({ code: 'InvalidSecurityGroupRuleId.NotFound' })
  })

  it('need a rule that is there, named in one way', async () => {
    const IpPermissions = [tcp(80, from('10.0.0.0/8', 'x'))]
    const update = (input: object) => ask('UpdateSecurityGroupRuleDescriptionsIngress', { GroupId, ...input })
    await expect(update({ IpPermissions })).rejects.toEqual(
      refusal('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.'),
    )
    await expect(update({})).rejects.toEqual(
      refusal('MissingParameter', 'The request must contain the parameter ipPermissions'),
    )
    await expect(
      update({ IpPermissions, SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId: 'sgr-12345678' }] }),
    ).rejects.toMatchObject({ code: 'InvalidParameterCombination' })
  })
})

describe('questions about groups', () => {
  it('say which groups interfaces of a VPC can be in', async () => {
    const Filters = [{ Name: 'group-name', Values: ['web'] }]
    expect(await ask('GetSecurityGroupsForVpc', { VpcId, Filters })).toMatchObject({
      SecurityGroupForVpcs: [{ GroupId, GroupName: 'web', PrimaryVpcId: VpcId, OwnerId: '123456789012' }],
    })
  })

  it('know of no peers', async () => {
    expect(await ask('DescribeStaleSecurityGroups', { VpcId })).toEqual({ StaleSecurityGroupSet: [] })
    expect(await ask('DescribeSecurityGroupReferences', { GroupId: [GroupId] })).toEqual({
      SecurityGroupReferenceSet: [],
    })
    await expect(ask('DescribeStaleSecurityGroups', { VpcId: 'vpc-12345678' })).rejects.toMatchObject({
      code: 'InvalidVpcID.NotFound',
    })
    await expect(ask('DescribeSecurityGroupReferences', { GroupId: ['sg-12345678'] })).rejects.toMatchObject({
      code: 'InvalidGroup.NotFound',
    })
  })
})
