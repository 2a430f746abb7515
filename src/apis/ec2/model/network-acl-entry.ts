// One rule of a network ACL: read from what a caller sent, added, replaced and taken away. Pure.

import type { CreateNetworkAclEntryRequest } from '@aws-sdk/client-ec2'
import type { AwsError } from '#aws/refusal.ts'
import { ec2Error, invalidParameter, invalidValue, missingParameter } from '../errors.ts'
import { cidrText, parseCidr } from './cidr.ts'
import { ENTRIES_PER_NETWORK_ACL } from './limits.ts'
import type { NetworkAclEntryRecord, NetworkAclRecord } from './records.ts'

type Direction = NetworkAclEntryRecord['direction']
type Request = { readonly [K in keyof CreateNetworkAclEntryRequest]?: CreateNetworkAclEntryRequest[K] | undefined }

const NUMBERS: Readonly<Record<string, string>> = { all: '-1', icmp: '1', tcp: '6', udp: '17', icmpv6: '58' }
const PORTED = new Set(['6', '17'])
const TYPED = new Set(['1', '58'])
const HIGHEST_PROTOCOL = 255
const HIGHEST_PORT = 65535
const HIGHEST_ICMP = 255
/** 32767 and above are EC2's own. */
const HIGHEST_RULE_NUMBER = 32766

export const directionOf = (egress: boolean): Direction => (egress ? 'egress' : 'ingress')

const requestedProtocol = (text: string): string => {
  const protocol = NUMBERS[text.toLowerCase()] ?? text
  const isNumber = /^(0|[1-9][0-9]{0,2})$/.test(protocol) && Number(protocol) <= HIGHEST_PROTOCOL
  if (protocol === '-1' || isNumber) return protocol
  throw invalidParameter(`Invalid value '${text}' for IP protocol. Unknown protocol.`)
}

const checkRange = (value: number, lowest: number, highest: number, what: string): number => {
  if (value >= lowest && value <= highest) return value
  throw invalidParameter(`Invalid value '${value}' for ${what}. Must be between ${lowest} and ${highest}.`)
}

const requestedPeer = (input: Request): Pick<NetworkAclEntryRecord, 'cidrIpv4' | 'cidrIpv6'> => {
  const { CidrBlock, Ipv6CidrBlock } = input
  if (CidrBlock !== undefined && Ipv6CidrBlock !== undefined) {
    throw ec2Error('InvalidParameterCombination', 'Only one of cidrBlock and ipv6CidrBlock can be specified.')
  }
  const text = CidrBlock ?? Ipv6CidrBlock
  if (text === undefined) throw missingParameter('cidrBlock')
  const family = CidrBlock === undefined ? 6 : 4
  const cidr = parseCidr(text)
  if (cidr?.family !== family) throw invalidParameter(`CIDR block ${text} is malformed`)
  return family === 4 ? { cidrIpv4: cidrText(cidr) } : { cidrIpv6: cidrText(cidr) }
}

const requestedPorts = (protocol: string, input: Request): Partial<NetworkAclEntryRecord> => {
  if (TYPED.has(protocol)) {
    const { Type, Code } = input.IcmpTypeCode ?? {}
    if (Type === undefined) throw missingParameter('icmpTypeCode.type')
    if (Code === undefined) throw missingParameter('icmpTypeCode.code')
    return {
      icmpType: checkRange(Type, -1, HIGHEST_ICMP, 'ICMP type'),
      icmpCode: checkRange(Code, -1, HIGHEST_ICMP, 'ICMP code'),
    }
  }
  if (!PORTED.has(protocol)) return {}
  const { From, To } = input.PortRange ?? {}
  if (From === undefined) throw missingParameter('portRange.from')
  if (To === undefined) throw missingParameter('portRange.to')
  checkRange(From, 0, HIGHEST_PORT, 'portRange')
  checkRange(To, 0, HIGHEST_PORT, 'portRange')
  if (From > To) throw invalidParameter(`Invalid ${protocol === '6' ? 'TCP' : 'UDP'} port range (${From},${To}).`)
  return { fromPort: From, toPort: To }
}

/** The rule that a Create or Replace call asks for. */
export const requestedEntry = (input: Request): NetworkAclEntryRecord => {
  const ruleNumber = input.RuleNumber ?? 0
  if (ruleNumber < 1 || ruleNumber > HIGHEST_RULE_NUMBER) {
    throw invalidValue(ruleNumber, 'ruleNumber', `It must be between 1 and ${HIGHEST_RULE_NUMBER}.`)
  }
  const action = input.RuleAction
  if (action !== 'allow' && action !== 'deny') {
    throw invalidValue(String(action), 'ruleAction', 'It must be allow or deny.')
  }
  const protocol = requestedProtocol(input.Protocol ?? '')
  return {
    ruleNumber,
    direction: directionOf(input.Egress ?? false),
    protocol,
    action,
    ...requestedPeer(input),
    ...requestedPorts(protocol, input),
  }
}

const isAt =
  (direction: Direction, ruleNumber: number) =>
  (entry: NetworkAclEntryRecord): boolean =>
    entry.direction === direction && entry.ruleNumber === ruleNumber

const noEntry = (acl: NetworkAclRecord, direction: Direction, ruleNumber: number): AwsError =>
  ec2Error(
    'InvalidNetworkAclEntry.NotFound',
    `no ${direction} entry with number ${ruleNumber} in network ACL ${acl.id}`,
  )

export const withEntry = (acl: NetworkAclRecord, entry: NetworkAclEntryRecord): NetworkAclRecord => {
  if (acl.entries.some(isAt(entry.direction, entry.ruleNumber))) {
    const message = `The network acl entry identified by ${entry.ruleNumber} already exists.`
    throw ec2Error('NetworkAclEntryAlreadyExists', message)
  }
  const entries = [...acl.entries, entry]
  if (entries.filter(({ direction }) => direction === entry.direction).length > ENTRIES_PER_NETWORK_ACL) {
    throw ec2Error('NetworkAclEntryLimitExceeded', 'The maximum number of network acl entries has been reached.')
  }
  return { ...acl, entries }
}

export const withoutEntry = (acl: NetworkAclRecord, direction: Direction, ruleNumber: number): NetworkAclRecord => {
  const isGone = isAt(direction, ruleNumber)
  if (!acl.entries.some(isGone)) throw noEntry(acl, direction, ruleNumber)
  return { ...acl, entries: acl.entries.filter((entry) => !isGone(entry)) }
}

export const withReplacedEntry = (acl: NetworkAclRecord, entry: NetworkAclEntryRecord): NetworkAclRecord => ({
  ...acl,
  entries: [...withoutEntry(acl, entry.direction, entry.ruleNumber).entries, entry],
})
