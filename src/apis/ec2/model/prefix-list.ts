// A managed prefix list: what may be in it, its versions, and how EC2 shows it. Pure.
// (https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html)

import type { AddPrefixListEntry, ManagedPrefixList, Tag } from '@aws-sdk/client-ec2'
import { ec2Arn, newEc2Id } from '#aws/arn.ts'
import { type Scope, scopeKey } from '#aws/scope.ts'
import type { Random } from '#base/random.ts'
import { ec2Error, invalidParameter, invalidValue } from '../errors.ts'
import { cidrText, parseCidr } from './cidr.ts'
import { derivedEc2Id } from './derived-id.ts'
import {
  ENTRIES_PER_PREFIX_LIST,
  ENTRIES_PER_PREFIX_LIST_CALL,
  PREFIX_LIST_NAME_CHARACTERS,
  VERSIONS_PER_PREFIX_LIST,
} from './limits.ts'
import type { PrefixListEntryRecord, PrefixListRecord } from './records.ts'
import { PREFIX_LIST } from './resource-kind.ts'
import type { Selectable } from './selection.ts'

/** The account in the ARNs of what AWS itself manages. */
const AWS_ACCOUNT = 'aws'
const AWS_LIST_DIGITS = 8

/**
 * The services that gateway endpoints lead to. Their addresses here are of RFC 5737's blocks for documentation, which
 * nobody on the Internet has: the real ones would promise a way out that there is not.
 */
const AWS_LISTS: readonly { readonly service: string; readonly cidr: string }[] = [
  { service: 's3', cidr: '198.51.100.0/24' },
  { service: 'dynamodb', cidr: '203.0.113.0/24' },
]

/** The lists that AWS manages in a region; they are not stored. */
export const awsPrefixLists = (scope: Scope): PrefixListRecord[] =>
  AWS_LISTS.map(({ service, cidr }) => ({
    id: derivedEc2Id(PREFIX_LIST.prefix, `${scopeKey({ ...scope, account: AWS_ACCOUNT })}/${service}`).slice(
      0,
      PREFIX_LIST.prefix.length + 1 + AWS_LIST_DIGITS,
    ),
    scope: { ...scope, account: AWS_ACCOUNT },
    name: `com.amazonaws.${scope.region}.${service}`,
    addressFamily: 'IPv4',
    maxEntries: 1,
    version: 1,
    entries: [{ cidr }],
    tags: [],
  }))

export const isAwsManaged = (list: PrefixListRecord): boolean => list.scope.account === AWS_ACCOUNT

const familyOf = (text: string): PrefixListRecord['addressFamily'] => {
  if (text === 'IPv4' || text === 'IPv6') return text
  throw invalidValue(text, 'addressFamily', 'It must be IPv4 or IPv6.')
}

const requestedName = (name: string): string => {
  if (name.startsWith('com.amazonaws')) throw invalidParameter('The prefix list name cannot start with com.amazonaws.')
  if (name.length >= 1 && name.length <= PREFIX_LIST_NAME_CHARACTERS) return name
  throw invalidParameter(`The prefix list name must be 1 to ${PREFIX_LIST_NAME_CHARACTERS} characters long.`)
}

const checkSize = (size: number): number => {
  if (size >= 1 && size <= ENTRIES_PER_PREFIX_LIST) return size
  throw invalidParameter(`Must specify a max size between 1 and ${ENTRIES_PER_PREFIX_LIST}`)
}

const requestedCidr = (text: string | undefined, family: PrefixListRecord['addressFamily']): string => {
  const cidr = parseCidr(text ?? '')
  if (cidr?.family === (family === 'IPv4' ? 4 : 6)) return cidrText(cidr)
  throw invalidParameter(`The CIDR '${text ?? ''}' is not a valid ${family} CIDR.`)
}

type Requested = readonly { readonly Cidr?: string | undefined; readonly Description?: string | undefined }[]

const requestedEntries = (entries: Requested, family: PrefixListRecord['addressFamily']): PrefixListEntryRecord[] => {
  if (entries.length > ENTRIES_PER_PREFIX_LIST_CALL) {
    throw invalidParameter(`The number of entries per request cannot exceeds limit (${ENTRIES_PER_PREFIX_LIST_CALL}).`)
  }
  const read = entries.map(({ Cidr, Description }) => ({
    cidr: requestedCidr(Cidr, family),
    ...(Description === undefined || Description === '' ? {} : { description: Description }),
  }))
  const twice = read.find(({ cidr }, index) => read.findIndex((other) => other.cidr === cidr) < index)
  if (twice !== undefined) throw invalidParameter(`The CIDR '${twice.cidr}' must not appear multiple times.`)
  return read
}

const checkFits = (list: PrefixListRecord): PrefixListRecord => {
  if (list.entries.length <= list.maxEntries) return list
  const message = "You've reached the maximum number of entries for the prefix list."
  throw ec2Error('PrefixListMaxEntriesExceeded', message)
}

export const newPrefixList = (wish: {
  readonly scope: Scope
  readonly name: string
  readonly addressFamily: string
  readonly maxEntries: number
  readonly entries: readonly AddPrefixListEntry[]
  readonly clientToken: string | undefined
  readonly tags: readonly Tag[]
  readonly random: Random
}): PrefixListRecord => {
  const addressFamily = familyOf(wish.addressFamily)
  return checkFits({
    id: newEc2Id(PREFIX_LIST.prefix, wish.random),
    scope: wish.scope,
    name: requestedName(wish.name),
    addressFamily,
    maxEntries: checkSize(wish.maxEntries),
    version: 1,
    entries: requestedEntries(wish.entries, addressFamily),
    ...(wish.clientToken === undefined ? {} : { clientToken: wish.clientToken }),
    tags: wish.tags,
  })
}

export const checkVersion = (list: PrefixListRecord, current: number | undefined): void => {
  if (current === list.version) return
  throw ec2Error('PrefixListVersionMismatch', 'The prefix list has the incorrect version number.')
}

/** The next version, with these entries. */
export const nextVersion = (list: PrefixListRecord, entries: readonly PrefixListEntryRecord[]): PrefixListRecord =>
  checkFits({
    ...list,
    version: list.version + 1,
    entries,
    earlierVersions: [...(list.earlierVersions ?? []), { version: list.version, entries: list.entries }].slice(
      -VERSIONS_PER_PREFIX_LIST,
    ),
  })

/** An entry that is there already gets the new description. */
export const changedEntries = (list: PrefixListRecord, added: Requested, removed: Requested): PrefixListRecord => {
  const gone = requestedEntries(removed, list.addressFamily).map(({ cidr }) => cidr)
  const missing = gone.find((cidr) => !list.entries.some((entry) => entry.cidr === cidr))
  if (missing !== undefined) throw invalidParameter(`The CIDR '${missing}' is not in the prefix list ${list.id}.`)
  const fresh = requestedEntries(added, list.addressFamily)
  const both = fresh.find(({ cidr }) => gone.includes(cidr))
  if (both !== undefined) throw invalidParameter(`The CIDR '${both.cidr}' cannot be both added and removed.`)
  const kept = list.entries.filter(({ cidr }) => !gone.includes(cidr) && !fresh.some((entry) => entry.cidr === cidr))
  return nextVersion(list, [...kept, ...fresh])
}

export const renamed = (list: PrefixListRecord, name: string): PrefixListRecord => ({
  ...list,
  name: requestedName(name),
})

export const resized = (list: PrefixListRecord, maxEntries: number): PrefixListRecord =>
  checkFits({ ...list, maxEntries: checkSize(maxEntries) })

/** The entries of one version; the current one when none is named. */
export const entriesOfVersion = (
  list: PrefixListRecord,
  version: number | undefined,
): readonly PrefixListEntryRecord[] => {
  if (version === undefined || version === list.version) return list.entries
  const earlier = list.earlierVersions?.find((each) => each.version === version)
  if (earlier !== undefined) return earlier.entries
  throw invalidParameter(`The prefix list ${list.id} has no version ${version}.`)
}

export const describePrefixList = (
  list: PrefixListRecord,
  state: ManagedPrefixList['State'] = list.version === 1 ? 'create-complete' : 'modify-complete',
): ManagedPrefixList => ({
  PrefixListId: list.id,
  PrefixListArn: ec2Arn(list.scope, PREFIX_LIST.type, list.id),
  PrefixListName: list.name,
  AddressFamily: list.addressFamily,
  State: state,
  // AWS tells neither size nor version of its own.
  ...(isAwsManaged(list) ? {} : { MaxEntries: list.maxEntries, Version: list.version }),
  OwnerId: isAwsManaged(list) ? 'AWS' : list.scope.account,
  Tags: [...list.tags],
})

export const selectablePrefixList: Selectable<ManagedPrefixList> = {
  kind: PREFIX_LIST,
  idOf: (list) => list.PrefixListId ?? '',
  tagsOf: (list) => list.Tags ?? [],
  smallestPage: 1,
  filters: {
    'owner-id': (list) => [list.OwnerId],
    'prefix-list-id': (list) => [list.PrefixListId],
    'prefix-list-name': (list) => [list.PrefixListName],
  },
}
