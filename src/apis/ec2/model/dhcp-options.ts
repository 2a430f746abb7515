// DHCP options: what a VPC tells its interfaces about names and time, and how EC2 shows it. Pure.
// (https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html)

import type { DhcpOptions, NewDhcpConfiguration, Tag } from '@aws-sdk/client-ec2'
import { newEc2Id } from '#aws/arn.ts'
import { type Scope, scopeKey } from '#aws/scope.ts'
import type { Random } from '#base/random.ts'
import { invalidParameter, invalidValue, missingParameter } from '../errors.ts'
import { parseAddress } from './cidr.ts'
import { derivedEc2Id } from './derived-id.ts'
import { internalDomain } from './interface-plan.ts'
import { SERVERS_PER_DHCP_OPTION } from './limits.ts'
import type { DhcpOptionsRecord, VpcRecord } from './records.ts'
import { DHCP_OPTIONS } from './resource-kind.ts'
import type { Selectable } from './selection.ts'

/** The name of "no options at all". */
export const NO_OPTIONS = 'default'
export const AMAZON_DNS = 'AmazonProvidedDNS'

export const defaultDhcpOptionsId = (scope: Scope): string => derivedEc2Id(DHCP_OPTIONS.prefix, scopeKey(scope))

/** What VPCs start with. Its id follows from account and region, so that it is known before anybody has stored it. */
export const defaultDhcpOptions = (scope: Scope): DhcpOptionsRecord => ({
  id: defaultDhcpOptionsId(scope),
  scope,
  options: [
    { key: 'domain-name', values: [internalDomain(scope.region)] },
    { key: 'domain-name-servers', values: [AMAZON_DNS] },
  ],
  isDefault: true,
  tags: [],
})

export const dhcpOptionsIdOf = (vpc: VpcRecord): string => vpc.dhcpOptionsId ?? defaultDhcpOptionsId(vpc.scope)

const isServer = (text: string): boolean => parseAddress(text) !== undefined
const isDomain = (text: string): boolean => /^[a-zA-Z0-9._ -]{1,255}$/.test(text)

/** For each option, how many values it may have and what each must be. */
const OPTIONS: Readonly<Record<string, { readonly most: number; readonly accepts: (value: string) => boolean }>> = {
  'domain-name': { most: 1, accepts: isDomain },
  'domain-name-servers': {
    most: SERVERS_PER_DHCP_OPTION,
    accepts: (value) => value === AMAZON_DNS || isServer(value),
  },
  'ntp-servers': { most: SERVERS_PER_DHCP_OPTION, accepts: isServer },
  'netbios-name-servers': { most: SERVERS_PER_DHCP_OPTION, accepts: isServer },
  'netbios-node-type': { most: 1, accepts: (value) => ['1', '2', '4', '8'].includes(value) },
  'ipv6-address-preferred-lease-time': { most: 1, accepts: (value) => /^[1-9][0-9]{0,9}$/.test(value) },
}

const requestedOption = ({ Key, Values }: NewDhcpConfiguration): DhcpOptionsRecord['options'][number] => {
  const key = Key ?? ''
  const option = Object.hasOwn(OPTIONS, key) ? OPTIONS[key] : undefined
  if (option === undefined) throw invalidValue(key, 'name', 'Unknown DHCP option')
  // "10.0.0.2, 10.0.0.3" in one value is taken as two.
  const isList = option.most > 1
  const values = (Values ?? []).flatMap((value) => (isList ? value.split(',').map((part) => part.trim()) : [value]))
  if (values.length === 0) throw missingParameter('dhcpConfiguration.value')
  if (values.length > option.most) {
    throw invalidParameter(`At most ${option.most} values can be specified for the DHCP option ${key}`)
  }
  const wrong = values.find((value) => !option.accepts(value))
  if (wrong !== undefined) throw invalidValue(wrong, key, 'Invalid DHCP option value.')
  if (values.length > 1 && values.includes(AMAZON_DNS)) {
    throw invalidParameter(`${AMAZON_DNS} cannot be combined with other domain name servers`)
  }
  return { key, values }
}

export const newDhcpOptions = (wish: {
  readonly scope: Scope
  readonly configurations: readonly NewDhcpConfiguration[]
  readonly tags: readonly Tag[]
  readonly random: Random
}): DhcpOptionsRecord => {
  if (wish.configurations.length === 0) throw missingParameter('dhcpConfiguration')
  const options = wish.configurations.map(requestedOption)
  const twice = options.find(({ key }, index) => options.findIndex((other) => other.key === key) < index)
  if (twice !== undefined) throw invalidParameter(`The DHCP option ${twice.key} must not appear multiple times`)
  return {
    id: newEc2Id(DHCP_OPTIONS.prefix, wish.random),
    scope: wish.scope,
    options,
    isDefault: false,
    tags: wish.tags,
  }
}

export const describeDhcpOptions = (row: DhcpOptionsRecord): DhcpOptions => ({
  DhcpOptionsId: row.id,
  OwnerId: row.scope.account,
  DhcpConfigurations: row.options.map(({ key, values }) => ({
    Key: key,
    Values: values.map((Value) => ({ Value })),
  })),
  Tags: [...row.tags],
})

export const selectableDhcpOptions: Selectable<DhcpOptions> = {
  kind: DHCP_OPTIONS,
  idOf: (row) => row.DhcpOptionsId ?? '',
  tagsOf: (row) => row.Tags ?? [],
  filters: {
    'dhcp-options-id': (row) => [row.DhcpOptionsId],
    key: (row) => row.DhcpConfigurations?.map((option) => option.Key) ?? [],
    'owner-id': (row) => [row.OwnerId],
    value: (row) => row.DhcpConfigurations?.flatMap((option) => option.Values?.map(({ Value }) => Value)) ?? [],
  },
}
