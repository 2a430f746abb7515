// Prefix lists as a caller sees them.

import { describe, expect, it } from 'vitest'
import { ask, call, vpc } from '#test/ec2-calls.ts'
import { refusal } from '#test/refusal.ts'
import { PREFIX_LISTS_PER_REGION, VERSIONS_PER_PREFIX_LIST } from './model/limits.ts'
import { ec2Key, prefixLists, routeTables, securityGroups } from './tables.ts'

const request = { PrefixListName: 'offices', AddressFamily: 'IPv4', MaxEntries: 3 }
const make = async (more: object = {}) =>
  (await ask('CreateManagedPrefixList', { ...request, ...more })).PrefixList!.PrefixListId!
const entries = async (PrefixListId: string, TargetVersion?: number) =>
  (
    await ask('GetManagedPrefixListEntries', {
      PrefixListId,
      ...(TargetVersion === undefined ? {} : { TargetVersion }),
    })
  ).Entries

it('lists are made, changed, restored, found and deleted', async () => {
  const made = await ask('CreateManagedPrefixList', {
    ...request,
    Entries: [{ Cidr: '10.0.0.1/8', Description: 'head' }, { Cidr: '192.168.0.0/16' }],
    TagSpecifications: [{ ResourceType: 'prefix-list', Tags: [{ Key: 'a', Value: 'b' }] }],
  })
  const PrefixListId = made.PrefixList!.PrefixListId!
  expect(made.PrefixList).toEqual({
    PrefixListId: expect.stringMatching(/^pl-[0-9a-f]{17}$/),
    PrefixListArn: `arn:aws:ec2:eu-west-1:123456789012:prefix-list/${PrefixListId}`,
    PrefixListName: 'offices',
    AddressFamily: 'IPv4',
    State: 'create-in-progress',
    MaxEntries: 3,
    Version: 1,
    OwnerId: '123456789012',
    Tags: [{ Key: 'a', Value: 'b' }],
  })
  expect(await entries(PrefixListId)).toEqual([{ Cidr: '10.0.0.0/8', Description: 'head' }, { Cidr: '192.168.0.0/16' }])
  const modified = await ask('ModifyManagedPrefixList', {
    PrefixListId,
    CurrentVersion: 1,
    AddEntries: [{ Cidr: '172.16.0.0/12' }, { Cidr: '10.0.0.0/8', Description: 'main' }],
    RemoveEntries: [{ Cidr: '192.168.0.0/16' }],
  })
  expect(modified.PrefixList).toMatchObject({ Version: 2, State: 'modify-in-progress' })
  expect(await entries(PrefixListId)).toEqual([{ Cidr: '10.0.0.0/8', Description: 'main' }, { Cidr: '172.16.0.0/12' }])
  expect(await entries(PrefixListId, 1)).toMatchObject([{ Description: 'head' }, { Cidr: '192.168.0.0/16' }])
  const restored = { PrefixListId, PreviousVersion: 1, CurrentVersion: 2 }
  expect(await ask('RestoreManagedPrefixListVersion', restored)).toMatchObject({
    PrefixList: { Version: 3, State: 'restore-in-progress' },
  })
  expect(await entries(PrefixListId)).toEqual(await entries(PrefixListId, 1))
  await ask('ModifyManagedPrefixList', { PrefixListId, PrefixListName: 'sites', MaxEntries: 2 })
  const Filters = [
    { Name: 'prefix-list-name', Values: ['sites'] },
    { Name: 'owner-id', Values: ['123456789012'] },
    { Name: 'prefix-list-id', Values: ['pl-*'] },
  ]
  expect((await ask('DescribeManagedPrefixLists', { Filters })).PrefixLists).toMatchObject([
    { PrefixListId, MaxEntries: 2, Version: 3, State: 'modify-complete' },
  ])
  expect((await ask('DescribeTags', {})).Tags).toMatchObject([{ ResourceType: 'prefix-list' }])
  expect(await ask('DeleteManagedPrefixList', { PrefixListId })).toMatchObject({
    PrefixList: { State: 'delete-in-progress' },
  })
  await expect(entries(PrefixListId)).rejects.toEqual(
    refusal('InvalidPrefixListID.NotFound', `The prefix list ID '${PrefixListId}' does not exist`),
  )
})

it('a list in use names its users, and stays', async () => {
  const PrefixListId = await make()
  const VpcId = await vpc()
  const users = await call.store.write(async (tx) => {
    const [group] = await tx.list(securityGroups)
    const [table] = await tx.list(routeTables)
    const rule = { ...group!.rules[0]!, prefixListId: PrefixListId }
    await tx.put(securityGroups, { ...group!, rules: [rule] })
    const route = { destinationPrefixListId: PrefixListId, target: 'igw-1' }
    await tx.put(routeTables, { ...table!, routes: [...table!.routes, route] })
    return [group!.id, table!.id]
  })
  expect((await ask('GetManagedPrefixListAssociations', { PrefixListId })).PrefixListAssociations).toEqual(
    users.toSorted((a, b) => (a < b ? -1 : 1)).map((ResourceId) => ({ ResourceId, ResourceOwner: '123456789012' })),
  )
  await expect(ask('DeleteManagedPrefixList', { PrefixListId })).rejects.toEqual(
    refusal('DependencyViolation', `The prefix list '${PrefixListId}' has dependencies and cannot be deleted.`),
  )
  expect(VpcId).toMatch(/^vpc-/)
})

it('a client token makes one list, and is not taken for another one', async () => {
  const id = await make({ ClientToken: 'once' })
  expect(await make({ ClientToken: 'once' })).toBe(id)
  await expect(make({ ClientToken: 'once', PrefixListName: 'other' })).rejects.toEqual(
    refusal(
      'IdempotentParameterMismatch',
      'The client token has been used with different parameters in an earlier request.',
    ),
  )
})

it('entries and lists are shown in pages', async () => {
  const PrefixListId = await make({ Entries: ['10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16'].map((Cidr) => ({ Cidr })) })
  const first = await ask('GetManagedPrefixListEntries', { PrefixListId, MaxResults: 2 })
  expect(first.Entries).toHaveLength(2)
  const rest = await ask('GetManagedPrefixListEntries', { PrefixListId, MaxResults: 2, NextToken: first.NextToken! })
  expect(rest).toEqual({ Entries: [{ Cidr: '10.3.0.0/16' }] })
  expect((await ask('DescribeManagedPrefixLists', { MaxResults: 1 })).PrefixLists).toHaveLength(1)
})

it('only so many versions can be restored', async () => {
  const PrefixListId = await make({ MaxEntries: 1 })
  for (let version = 1; version <= VERSIONS_PER_PREFIX_LIST + 1; version++) {
    await ask('ModifyManagedPrefixList', {
      PrefixListId,
      CurrentVersion: version,
      AddEntries: [{ Cidr: '10.0.0.0/8', Description: `v${version}` }],
    })
  }
  expect(await entries(PrefixListId, 2)).toEqual([{ Cidr: '10.0.0.0/8', Description: 'v1' }])
  await expect(entries(PrefixListId, 1)).rejects.toMatchObject({
    message: `The prefix list ${PrefixListId} has no version 1.`,
  })
})

describe("AWS's own lists", () => {
  it('are there in every region, with addresses that nobody has, and cannot be changed', async () => {
    const { PrefixLists } = await ask('DescribePrefixLists', {})
    expect(PrefixLists!.toSorted((a, b) => (a.PrefixListName! < b.PrefixListName! ? 1 : -1))).toEqual([
      {
        PrefixListId: expect.stringMatching(/^pl-[0-9a-f]{8}$/),
        PrefixListName: 'com.amazonaws.eu-west-1.s3',
        Cidrs: ['198.51.100.0/24'],
      },
      {
        PrefixListId: expect.stringMatching(/^pl-[0-9a-f]{8}$/),
        PrefixListName: 'com.amazonaws.eu-west-1.dynamodb',
        Cidrs: ['203.0.113.0/24'],
      },
    ])
    const Filters = [{ Name: 'prefix-list-name', Values: ['*.s3'] }]
    const [s3] = (await ask('DescribePrefixLists', { Filters })).PrefixLists!
    const PrefixListId = s3!.PrefixListId!
    expect((await ask('DescribeManagedPrefixLists', { PrefixListIds: [PrefixListId] })).PrefixLists).toEqual([
      {
        PrefixListId,
        PrefixListArn: `arn:aws:ec2:eu-west-1:aws:prefix-list/${PrefixListId}`,
        PrefixListName: 'com.amazonaws.eu-west-1.s3',
        AddressFamily: 'IPv4',
        State: 'create-complete',
        OwnerId: 'AWS',
        Tags: [],
      },
    ])
    expect(await entries(PrefixListId)).toEqual([{ Cidr: '198.51.100.0/24' }])
    const change = { PrefixListId, CurrentVersion: 1 }
    for (const attempt of [
      ask('DeleteManagedPrefixList', change),
      ask('ModifyManagedPrefixList', { ...change, PrefixListName: 'mine' }),
      ask('RestoreManagedPrefixListVersion', { ...change, PreviousVersion: 1 }),
    ]) {
      await expect(attempt).rejects.toEqual(
        refusal('OperationNotPermitted', 'AWS-managed prefix lists cannot be changed or deleted.'),
      )
    }
  })
})

describe('refused is', () => {
  it.each([
    [{ PrefixListName: 'com.amazonaws.mine' }, 'The prefix list name cannot start with com.amazonaws.'],
    [{ PrefixListName: '' }, 'The prefix list name must be 1 to 255 characters long.'],
    [{ AddressFamily: 'IPv5' }, 'Value (IPv5) for parameter addressFamily is invalid. It must be IPv4 or IPv6.'],
    [{ MaxEntries: 0 }, 'Must specify a max size between 1 and 1000'],
    [{ MaxEntries: 1001 }, 'Must specify a max size between 1 and 1000'],
    [{ Entries: [{ Cidr: '::/0' }] }, "The CIDR '::/0' is not a valid IPv4 CIDR."],
    [{ AddressFamily: 'IPv6', Entries: [{ Cidr: '10.0.0.0/8' }] }, "The CIDR '10.0.0.0/8' is not a valid IPv6 CIDR."],
    [
      { Entries: [{ Cidr: '10.0.0.0/8' }, { Cidr: '10.1.0.0/8' }] },
      "The CIDR '10.0.0.0/8' must not appear multiple times.",
    ],
    [
      { MaxEntries: 1000, Entries: Array.from({ length: 101 }, (_, n) => ({ Cidr: `10.${n}.0.0/16` })) },
      'The number of entries per request cannot exceeds limit (100).',
    ],
    [
      { MaxEntries: 1, Entries: [{ Cidr: '10.0.0.0/8' }, { Cidr: '11.0.0.0/8' }] },
      "You've reached the maximum number of entries for the prefix list.",
    ],
  ])('CreateManagedPrefixList with %j', async (input, message) => {
    await expect(make(input)).rejects.toMatchObject({ message })
  })

  it.each([
    [{}, 'The request must contain the parameter prefixListName'],
    [{ AddEntries: [{ Cidr: '11.0.0.0/8' }] }, 'The request must contain the parameter currentVersion'],
    [{ AddEntries: [{ Cidr: '11.0.0.0/8' }], CurrentVersion: 2 }, 'The prefix list has the incorrect version number.'],
    [
      { AddEntries: [{ Cidr: '11.0.0.0/8' }], CurrentVersion: 1, MaxEntries: 9 },
      'You cannot modify the entries and the size of a prefix list at the same time.',
    ],
    [{ RemoveEntries: [{ Cidr: '11.0.0.0/8' }], CurrentVersion: 1 }, /^The CIDR '11\.0\.0\.0\/8' is not in the prefix/],
    [
      { AddEntries: [{ Cidr: '10.0.0.0/8' }], RemoveEntries: [{ Cidr: '10.0.0.0/8' }], CurrentVersion: 1 },
      "The CIDR '10.0.0.0/8' cannot be both added and removed.",
    ],
    [{ IpamPrefixListResolverSyncEnabled: true }, 'IPAM prefix list resolvers are not supported.'],
    [{ MaxEntries: 1 }, "You've reached the maximum number of entries for the prefix list."],
  ])('ModifyManagedPrefixList with %j', async (input, message) => {
    const PrefixListId = await make({ Entries: [{ Cidr: '10.0.0.0/8' }, { Cidr: '12.0.0.0/8' }] })
    await expect(ask('ModifyManagedPrefixList', { PrefixListId, ...input })).rejects.toMatchObject({
      message: expect.stringMatching(message),
    })
  })

  it('one list too many, and an id that is none', async () => {
    const id = await make()
    const row = (await call.store.read((reader) => reader.get(prefixLists, ec2Key(call.scope, id))))!
    await call.store.write(async (tx) => {
      for (let n = 1; n < PREFIX_LISTS_PER_REGION; n++) await tx.put(prefixLists, { ...row, id: `pl-${n}` })
    })
    await expect(make()).rejects.toEqual(
      refusal('PrefixListLimitExceeded', 'The maximum number of prefix lists has been reached.'),
    )
    await expect(entries('x')).rejects.toEqual(
      refusal('InvalidPrefixListId.Malformed', 'Invalid id: "x" (expecting "pl-...")'),
    )
  })
})
