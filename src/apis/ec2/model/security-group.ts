// A security group: how rules come and go, and how EC2 shows it. Pure.

import type { IpPermission, SecurityGroup, SecurityGroupForVpc, SecurityGroupRule, Tag } from '@aws-sdk/client-ec2'
import { ec2Arn, newEc2Id } from '#aws/arn.ts'
import type { FilterTable } from '#aws/filters.ts'
import type { Random } from '#base/random.ts'
import { ec2Error, invalidParameter, invalidValue, missingParameter } from '../errors.ts'
import { GROUP_NAME_CHARACTERS, RULES_PER_GROUP } from './limits.ts'
import type { SecurityGroupRecord, SecurityGroupRuleRecord, VpcRecord } from './records.ts'
import { SECURITY_GROUP, SECURITY_GROUP_RULE } from './resource-kind.ts'
import {
  describePermissions,
  newRule,
  requestedDescription,
  ruleText,
  type RuleWish,
  sameTraffic,
} from './security-rule.ts'
import type { Selectable } from './selection.ts'

export const DEFAULT_GROUP = 'default'

const ALLOWED = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]*$/

const checkText = (text: string | undefined, parameter: string): string => {
  if (text === undefined || text === '') throw missingParameter(parameter)
  if (text.length > GROUP_NAME_CHARACTERS || !ALLOWED.test(text)) {
    throw invalidValue(
      text.slice(0, GROUP_NAME_CHARACTERS),
      parameter,
      `Up to ${GROUP_NAME_CHARACTERS} characters of a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$* are allowed.`,
    )
  }
  return text
}

/** Outbound, everything is allowed until somebody says otherwise. */
const allOutbound = (random: Random): SecurityGroupRuleRecord =>
  newRule({ protocol: '-1', cidrIpv4: '0.0.0.0/0' }, 'egress', [], random)

export const newSecurityGroup = (wish: {
  readonly vpc: VpcRecord
  readonly name: string | undefined
  readonly description: string | undefined
  readonly tags: readonly Tag[]
  readonly random: Random
}): SecurityGroupRecord => {
  const name = checkText(wish.name, 'GroupName')
  const description = checkText(wish.description, 'GroupDescription')
  if (name.startsWith('sg-')) {
    throw invalidValue(name, 'GroupName', 'Group names may not be in the format sg-*.')
  }
  if (name === DEFAULT_GROUP) throw invalidParameter(`Cannot use reserved security group name: ${name}`)
  return {
    id: newEc2Id(SECURITY_GROUP.prefix, wish.random),
    scope: wish.vpc.scope,
    vpcId: wish.vpc.id,
    name,
    description,
    rules: [allOutbound(wish.random)],
    tags: wish.tags,
  }
}

/** Every VPC has one: its members reach each other, and everything outside. */
export const defaultSecurityGroup = (vpc: VpcRecord, random: Random): SecurityGroupRecord => {
  const id = newEc2Id(SECURITY_GROUP.prefix, random)
  return {
    id,
    scope: vpc.scope,
    vpcId: vpc.id,
    name: DEFAULT_GROUP,
    description: 'default VPC security group',
    rules: [newRule({ protocol: '-1', referencedGroupId: id }, 'ingress', [], random), allOutbound(random)],
    tags: [],
  }
}

/** How many rules a rule counts as: those by prefix list, as many as the list may have entries. */
export type RuleWeight = (rule: RuleWish) => number

const ONE: RuleWeight = () => 1

/** IPv4 and IPv6 are counted apart; rules by group and by prefix list are in both. */
const checkQuota = (rules: readonly RuleWish[], weight: RuleWeight): void => {
  const count = (of: readonly RuleWish[]): number => of.reduce((sum, rule) => sum + weight(rule), 0)
  const ipv4 = count(rules.filter((rule) => rule.cidrIpv6 === undefined))
  const ipv6 = count(rules.filter((rule) => rule.cidrIpv4 === undefined))
  if (Math.max(ipv4, ipv6) <= RULES_PER_GROUP) return
  throw ec2Error(
    'RulesPerSecurityGroupLimitExceeded',
    'The maximum number of rules per security group has been reached.',
  )
}

const duplicate = (wish: RuleWish) =>
  ec2Error('InvalidPermission.Duplicate', `the specified rule "${ruleText(wish)}" already exists`)

/** The group with rules added, and the rules; or EC2's refusal of one that is there already, or of too many. */
export const authorized = (
  group: SecurityGroupRecord,
  direction: SecurityGroupRuleRecord['direction'],
  wishes: readonly RuleWish[],
  tags: readonly Tag[],
  random: Random,
  weight: RuleWeight = ONE,
): { readonly group: SecurityGroupRecord; readonly added: readonly SecurityGroupRuleRecord[] } => {
  const present = group.rules.filter((rule) => rule.direction === direction)
  wishes.forEach((wish, position) => {
    if (wishes.slice(0, position).some((earlier) => sameTraffic(earlier, wish))) {
      throw invalidParameter('The same permission must not appear multiple times')
    }
    if (present.some((rule) => sameTraffic(rule, wish))) throw duplicate(wish)
  })
  checkQuota([...present, ...wishes], weight)
  const added = wishes.map((wish) => newRule(wish, direction, tags, random))
  return { group: { ...group, rules: [...group.rules, ...added] }, added }
}

const PEERS = ['cidrIpv4', 'cidrIpv6', 'prefixListId', 'referencedGroupId'] as const
const peerKind = (rule: RuleWish): string | undefined => PEERS.find((kind) => rule[kind] !== undefined)

/** The group with rules that are there made other rules; they keep their ids, directions and tags. */
export const modifiedRules = (
  group: SecurityGroupRecord,
  wishes: ReadonlyMap<SecurityGroupRuleRecord, RuleWish>,
  weight: RuleWeight = ONE,
): SecurityGroupRecord => {
  for (const [rule, wish] of wishes) {
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRuleRequest.html
    if (peerKind(rule) !== peerKind(wish)) throw invalidParameter('The source type of a rule cannot be changed.')
  }
  const rules = group.rules.map((rule): SecurityGroupRuleRecord => {
    const wish = wishes.get(rule)
    return wish === undefined ? rule : { id: rule.id, direction: rule.direction, ...wish, tags: rule.tags }
  })
  for (const direction of ['ingress', 'egress'] as const) {
    const present = rules.filter((rule) => rule.direction === direction)
    present.forEach((rule, position) => {
      if (present.slice(0, position).some((earlier) => sameTraffic(earlier, rule))) throw duplicate(rule)
    })
    checkQuota(present, weight)
  }
  return { ...group, rules }
}

/** The group with other descriptions for some of its rules; none takes a description away. */
export const redescribed = (
  group: SecurityGroupRecord,
  descriptions: ReadonlyMap<SecurityGroupRuleRecord, string | undefined>,
): SecurityGroupRecord => ({
  ...group,
  rules: group.rules.map((rule) => {
    if (!descriptions.has(rule)) return rule
    const { description: _before, ...rest } = rule
    return { ...rest, ...requestedDescription(descriptions.get(rule)) }
  }),
})

export const withoutRules = (
  group: SecurityGroupRecord,
  removed: readonly SecurityGroupRuleRecord[],
): SecurityGroupRecord => ({ ...group, rules: group.rules.filter((rule) => !removed.includes(rule)) })

export const describeSecurityGroup = (group: SecurityGroupRecord): SecurityGroup => ({
  GroupId: group.id,
  SecurityGroupArn: ec2Arn(group.scope, 'security-group', group.id),
  OwnerId: group.scope.account,
  VpcId: group.vpcId,
  GroupName: group.name,
  Description: group.description,
  IpPermissions: describePermissions(group, 'ingress'),
  IpPermissionsEgress: describePermissions(group, 'egress'),
  Tags: [...group.tags],
})

type Texts = (string | number | undefined)[]

/** The filters "ip-permission.*" and "egress.ip-permission.*" ask the same of two lists. */
const permissionFilters = (
  prefix: string,
  permissionsOf: (group: SecurityGroup) => readonly IpPermission[] | undefined,
): FilterTable<SecurityGroup> => {
  const each =
    (texts: (permission: IpPermission) => Texts | undefined) =>
    (group: SecurityGroup): Texts =>
      (permissionsOf(group) ?? []).flatMap((permission) => texts(permission) ?? [])
  return Object.fromEntries(
    Object.entries({
      cidr: each((permission) => permission.IpRanges?.map((range) => range.CidrIp)),
      'from-port': each((permission) => [permission.FromPort]),
      'group-id': each((permission) => permission.UserIdGroupPairs?.map((pair) => pair.GroupId)),
      'group-name': each((permission) => permission.UserIdGroupPairs?.map((pair) => pair.GroupName)),
      'ipv6-cidr': each((permission) => permission.Ipv6Ranges?.map((range) => range.CidrIpv6)),
      'prefix-list-id': each((permission) => permission.PrefixListIds?.map((list) => list.PrefixListId)),
      protocol: each((permission) => [permission.IpProtocol]),
      'to-port': each((permission) => [permission.ToPort]),
      'user-id': each((permission) => permission.UserIdGroupPairs?.map((pair) => pair.UserId)),
    }).map(([name, texts]) => [`${prefix}.${name}`, texts]),
  )
}

export const selectableSecurityGroup: Selectable<SecurityGroup> = {
  kind: SECURITY_GROUP,
  idOf: (group) => group.GroupId ?? '',
  tagsOf: (group) => group.Tags ?? [],
  filters: {
    description: (group) => [group.Description],
    'group-id': (group) => [group.GroupId],
    'group-name': (group) => [group.GroupName],
    'owner-id': (group) => [group.OwnerId],
    'vpc-id': (group) => [group.VpcId],
    ...permissionFilters('ip-permission', (group) => group.IpPermissions),
    ...permissionFilters('egress.ip-permission', (group) => group.IpPermissionsEgress),
  },
}

/** How GetSecurityGroupsForVpc shows a group. */
export const selectableGroupForVpc: Selectable<SecurityGroupForVpc> = {
  kind: SECURITY_GROUP,
  idOf: (group) => group.GroupId ?? '',
  tagsOf: (group) => group.Tags ?? [],
  filters: {
    'group-id': (group) => [group.GroupId],
    description: (group) => [group.Description],
    'group-name': (group) => [group.GroupName],
    'owner-id': (group) => [group.OwnerId],
    'primary-vpc-id': (group) => [group.PrimaryVpcId],
  },
}

export const selectableSecurityGroupRule: Selectable<SecurityGroupRule> = {
  kind: SECURITY_GROUP_RULE,
  idOf: (rule) => rule.SecurityGroupRuleId ?? '',
  tagsOf: (rule) => rule.Tags ?? [],
  filters: {
    'group-id': (rule) => [rule.GroupId],
    'security-group-rule-id': (rule) => [rule.SecurityGroupRuleId],
  },
}
