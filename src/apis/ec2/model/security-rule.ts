// A rule of a security group: read from what a caller sent, compared, and shown. Pure.

import type {
  IpPermission,
  RevokedSecurityGroupRule,
  SecurityGroupRule,
  SecurityGroupRuleRequest,
  Tag,
  UserIdGroupPair,
} from '@aws-sdk/client-ec2'
import { ec2Arn, newEc2Id } from '#aws/arn.ts'
import type { Random } from '#base/random.ts'
import { ec2Error, invalidCombination, invalidParameter } from '../errors.ts'
import { cidrText, parseCidr } from './cidr.ts'
import type { SecurityGroupRecord, SecurityGroupRuleRecord } from './records.ts'
import { checkId, notFound, SECURITY_GROUP_RULE } from './resource-kind.ts'

/** A rule that has no id yet. */
export type RuleWish = Omit<SecurityGroupRuleRecord, 'id' | 'tags' | 'direction'>

const NUMBERED: Readonly<Record<string, string>> = { '1': 'icmp', '6': 'tcp', '17': 'udp', '58': 'icmpv6' }
const PORTED = new Set(['tcp', 'udp'])
const TYPED = new Set(['icmp', 'icmpv6'])
const HIGHEST_PORT = 65535
const HIGHEST_ICMP = 255
const HIGHEST_PROTOCOL = 255

const requestedProtocol = (text: string | undefined): string => {
  const protocol = (text ?? '-1').toLowerCase()
  const known = NUMBERED[protocol] ?? protocol
  if (known === '-1' || PORTED.has(known) || TYPED.has(known)) return known
  if (/^(0|[1-9][0-9]{0,2})$/.test(known) && Number(known) <= HIGHEST_PROTOCOL) return known
  throw invalidParameter(`Invalid value '${text}' for IP protocol. Unknown protocol.`)
}

const checkPort = (port: number, lowest: number, highest: number, what: string): void => {
  if (!Number.isInteger(port) || port < lowest || port > highest) {
    throw invalidParameter(`Invalid value '${port}' for ${what}. Must be between ${lowest} and ${highest}.`)
  }
}

/** EC2 keeps ports only where the protocol has them; others mean all. */
const requestedPorts = (
  protocol: string,
  from: number | undefined,
  to: number | undefined,
): { readonly fromPort?: number; readonly toPort?: number } => {
  if (TYPED.has(protocol)) {
    const [type, code] = [from ?? -1, to ?? -1]
    checkPort(type, -1, HIGHEST_ICMP, 'ICMP type')
    checkPort(code, -1, HIGHEST_ICMP, 'ICMP code')
    return { fromPort: type, toPort: code }
  }
  if (!PORTED.has(protocol)) return {}
  if (from === undefined || to === undefined) {
    throw invalidParameter("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.")
  }
  checkPort(from, 0, HIGHEST_PORT, 'portRange')
  checkPort(to, 0, HIGHEST_PORT, 'portRange')
  if (from > to) throw invalidParameter(`Invalid ${protocol.toUpperCase()} port range (${from},${to}).`)
  return { fromPort: from, toPort: to }
}

const requestedCidr = (text: string | undefined, family: 4 | 6): string => {
  const cidr = parseCidr(text ?? '')
  if (cidr?.family !== family) throw invalidParameter(`CIDR block ${text ?? ''} is malformed`)
  return cidrText(cidr)
}

/** EC2 keeps no empty descriptions. */
export const requestedDescription = (text: string | undefined): { readonly description?: string } => {
  if (text === undefined || text === '') return {}
  if (!/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/.test(text)) {
    throw invalidParameter(
      'Invalid rule description. Valid descriptions are strings less than 256 characters from the following set: ' +
        ' a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
    )
  }
  return { description: text }
}

/** Finds what a rule names as its other side, or refuses. */
export interface RulePeers {
  readonly groupId: (pair: UserIdGroupPair) => string
  readonly prefixListId: (id: string) => string
}

/** The rules that permissions stand for: one for each other side. */
export const requestedRules = (permissions: readonly IpPermission[], peers: RulePeers): RuleWish[] =>
  permissions.flatMap((permission) => {
    const protocol = requestedProtocol(permission.IpProtocol)
    const common = { protocol, ...requestedPorts(protocol, permission.FromPort, permission.ToPort) }
    const rules: RuleWish[] = [
      ...(permission.IpRanges ?? []).map((range) => ({
        ...common,
        cidrIpv4: requestedCidr(range.CidrIp, 4),
        ...requestedDescription(range.Description),
      })),
      ...(permission.Ipv6Ranges ?? []).map((range) => ({
        ...common,
        cidrIpv6: requestedCidr(range.CidrIpv6, 6),
        ...requestedDescription(range.Description),
      })),
      ...(permission.PrefixListIds ?? []).map((list) => ({
        ...common,
        prefixListId: peers.prefixListId(list.PrefixListId ?? ''),
        ...requestedDescription(list.Description),
      })),
      ...(permission.UserIdGroupPairs ?? []).map((pair) => ({
        ...common,
        referencedGroupId: peers.groupId(pair),
        ...requestedDescription(pair.Description),
      })),
    ]
    if (rules.length === 0) throw ec2Error('MissingParameter', 'Source group ID missing.')
    return rules
  })

/** One rule as ModifySecurityGroupRules writes it. */
export const requestedRule = (request: SecurityGroupRuleRequest, peers: RulePeers): RuleWish => {
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId, Description } = request
  if ([CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId].filter((peer) => peer !== undefined).length > 1) {
    throw invalidCombination('Only one of cidrIpv4, cidrIpv6, prefixListId, or referencedGroupId can be specified')
  }
  const [rule] = requestedRules(
    [
      {
        IpProtocol: request.IpProtocol,
        FromPort: request.FromPort,
        ToPort: request.ToPort,
        IpRanges: CidrIpv4 === undefined ? [] : [{ CidrIp: CidrIpv4, Description }],
        Ipv6Ranges: CidrIpv6 === undefined ? [] : [{ CidrIpv6, Description }],
        PrefixListIds: PrefixListId === undefined ? [] : [{ PrefixListId, Description }],
        UserIdGroupPairs: ReferencedGroupId === undefined ? [] : [{ GroupId: ReferencedGroupId, Description }],
      },
    ],
    peers,
  )
  return rule!
}

/** Rules are the same when they let the same through: descriptions and tags do not count. */
export const sameTraffic = (a: RuleWish, b: RuleWish): boolean =>
  a.protocol === b.protocol && a.fromPort === b.fromPort && a.toPort === b.toPort && peerOf(a) === peerOf(b)

const peerOf = (rule: RuleWish): string =>
  rule.cidrIpv4 ?? rule.cidrIpv6 ?? rule.referencedGroupId ?? rule.prefixListId ?? ''

const portsText = (rule: RuleWish): string[] => {
  if (rule.fromPort === undefined || rule.toPort === undefined) return []
  const shown = (value: number): string => (value === -1 ? 'ALL' : String(value))
  return TYPED.has(rule.protocol)
    ? [`type: ${shown(rule.fromPort)}`, `code: ${shown(rule.toPort)}`]
    : [`from port: ${rule.fromPort}`, `to port: ${rule.toPort}`]
}

/** As EC2 writes a rule into its refusals: "peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW". */
export const ruleText = (rule: RuleWish): string => {
  const protocol = rule.protocol === '-1' ? 'ALL' : rule.protocol.toUpperCase()
  return [`peer: ${peerOf(rule)}`, protocol, ...portsText(rule), 'ALLOW'].join(', ')
}

export const newRule = (
  wish: RuleWish,
  direction: SecurityGroupRuleRecord['direction'],
  tags: readonly Tag[],
  random: Random,
): SecurityGroupRuleRecord => ({ id: newEc2Id(SECURITY_GROUP_RULE.prefix, random), direction, ...wish, tags })

const describedPorts = (rule: SecurityGroupRuleRecord): { FromPort?: number; ToPort?: number } => ({
  ...(rule.fromPort === undefined ? {} : { FromPort: rule.fromPort }),
  ...(rule.toPort === undefined ? {} : { ToPort: rule.toPort }),
})

export const describeRule = (rule: SecurityGroupRuleRecord, group: SecurityGroupRecord): SecurityGroupRule => {
  const hasAll = rule.fromPort === undefined
  return {
    SecurityGroupRuleId: rule.id,
    SecurityGroupRuleArn: ec2Arn(group.scope, 'security-group-rule', rule.id),
    GroupId: group.id,
    GroupOwnerId: group.scope.account,
    IsEgress: rule.direction === 'egress',
    IpProtocol: rule.protocol,
    // Here, unlike in permissions, EC2 writes -1 for "all".
    FromPort: hasAll ? -1 : rule.fromPort,
    ToPort: hasAll ? -1 : rule.toPort,
    ...(rule.cidrIpv4 === undefined ? {} : { CidrIpv4: rule.cidrIpv4 }),
    ...(rule.cidrIpv6 === undefined ? {} : { CidrIpv6: rule.cidrIpv6 }),
    ...(rule.prefixListId === undefined ? {} : { PrefixListId: rule.prefixListId }),
    ...(rule.referencedGroupId === undefined
      ? {}
      : { ReferencedGroupInfo: { GroupId: rule.referencedGroupId, UserId: group.scope.account } }),
    ...(rule.description === undefined ? {} : { Description: rule.description }),
    Tags: [...rule.tags],
  }
}

/** Rules of one protocol and port range are shown together. */
export const describePermissions = (
  group: SecurityGroupRecord,
  direction: SecurityGroupRuleRecord['direction'],
): IpPermission[] => {
  const permissions = new Map<string, IpPermission & { UserIdGroupPairs: UserIdGroupPair[] }>()
  for (const rule of group.rules.filter((each) => each.direction === direction)) {
    const key = `${rule.protocol} ${rule.fromPort} ${rule.toPort}`
    const empty = { IpProtocol: rule.protocol, ...describedPorts(rule), UserIdGroupPairs: [] }
    const permission = permissions.get(key) ?? { ...empty, IpRanges: [], Ipv6Ranges: [], PrefixListIds: [] }
    permissions.set(key, permission)
    const description = rule.description === undefined ? {} : { Description: rule.description }
    if (rule.cidrIpv4 !== undefined) permission.IpRanges?.push({ CidrIp: rule.cidrIpv4, ...description })
    if (rule.cidrIpv6 !== undefined) permission.Ipv6Ranges?.push({ CidrIpv6: rule.cidrIpv6, ...description })
    if (rule.prefixListId !== undefined) {
      permission.PrefixListIds?.push({ PrefixListId: rule.prefixListId, ...description })
    }
    if (rule.referencedGroupId !== undefined) {
      permission.UserIdGroupPairs.push({ GroupId: rule.referencedGroupId, UserId: group.scope.account, ...description })
    }
  }
  return [...permissions.values()]
}

/** The rules of a group that let the same through as the wishes, or EC2's refusal. */
export const matchingRules = (
  group: SecurityGroupRecord,
  direction: SecurityGroupRuleRecord['direction'],
  wishes: readonly RuleWish[],
): SecurityGroupRuleRecord[] =>
  wishes.map((wish) => {
    const found = group.rules.find((rule) => rule.direction === direction && sameTraffic(rule, wish))
    if (found === undefined) {
      throw ec2Error('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.')
    }
    return found
  })

/** The rules of a group with these ids, or EC2's refusal. */
export const rulesById = (
  group: SecurityGroupRecord,
  direction: SecurityGroupRuleRecord['direction'],
  ids: readonly string[],
): SecurityGroupRuleRecord[] =>
  ids.map((id) => {
    checkId(SECURITY_GROUP_RULE, id)
    const found = group.rules.find((rule) => rule.id === id && rule.direction === direction)
    if (found === undefined) throw notFound(SECURITY_GROUP_RULE, id)
    return found
  })

/** What Revoke answers about a rule that is gone. */
export const describeRevokedRule = (
  rule: SecurityGroupRuleRecord,
  group: SecurityGroupRecord,
): RevokedSecurityGroupRule => {
  const {
    SecurityGroupRuleArn: _arn,
    GroupOwnerId: _owner,
    Tags: _tags,
    ReferencedGroupInfo,
    ...shown
  } = describeRule(rule, group)
  return { ...shown, ...(ReferencedGroupInfo === undefined ? {} : { ReferencedGroupId: ReferencedGroupInfo.GroupId }) }
}
