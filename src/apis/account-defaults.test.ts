// A new account finds what AWS puts into it, once.

import { expect, test } from 'vitest'
import type { Call } from '#aws/operation.ts'
import { ask, call } from '#test/ec2-calls.ts'
import { ensureAccountDefaults } from './account-defaults.ts'
import { ec2Key, subnets } from './ec2/tables.ts'
import { clusters } from './ecs/tables.ts'

const ensure = (scope = call.scope): Promise<void> => ensureAccountDefaults(call.store, scope, call.clock, call.random)

test('a new account has a default VPC in three zones with a way out, a default group and a default cluster', async () => {
  await ensure()
  const { Vpcs } = await ask('DescribeVpcs', { Filters: [{ Name: 'is-default', Values: ['true'] }] })
  expect(Vpcs).toMatchObject([{ CidrBlock: '172.31.0.0/16', IsDefault: true }])
  expect(
    (await ask('DescribeSubnets', {})).Subnets?.map((one) => `${one.AvailabilityZone} ${one.CidrBlock}`).toSorted(),
  ).toEqual(['eu-west-1a 172.31.0.0/20', 'eu-west-1b 172.31.16.0/20', 'eu-west-1c 172.31.32.0/20'])
  expect((await ask('DescribeSubnets', {})).Subnets?.every((one) => one.DefaultForAz && one.MapPublicIpOnLaunch)).toBe(
    true,
  )
  const Filters = [
    { Name: 'route.gateway-id', Values: ['igw-*'] },
    { Name: 'route.state', Values: ['active'] },
  ]
  expect((await ask('DescribeRouteTables', { Filters })).RouteTables).toHaveLength(1)
  expect((await ask('DescribeSecurityGroups', { GroupNames: ['default'] })).SecurityGroups).toHaveLength(1)
  expect(await call.store.read((reader) => reader.list(clusters))).toMatchObject([
    { name: 'default', status: 'ACTIVE' },
  ])
})

test('it happens once for each account and region, also after a restart, and what is deleted stays deleted', async () => {
  await Promise.all([ensure(), ensure(), ensure({ ...call.scope, region: 'us-east-1' })])
  expect(await call.store.read((reader) => reader.count(subnets))).toBe(6)
  const [one] = (await ask('DescribeSubnets', {})).Subnets!
  await ask('DeleteSubnet', { SubnetId: one!.SubnetId! })
  // Another process knows nothing of what this one remembers.
  await ensureAccountDefaults({ ...bound(call.store) }, call.scope, call.clock, call.random)
  expect(await call.store.read((reader) => reader.get(subnets, ec2Key(call.scope, one!.SubnetId!)))).toBeUndefined()
})

const bound = (store: Call['store']): Call['store'] => ({
  read: (work) => store.read(work),
  write: (work) => store.write(work),
  watch: (tables, listener) => store.watch(tables, listener),
  close: () => store.close(),
})

test('a full disk is no reason to go without for ever', async () => {
  const failing = { ...bound(call.store), write: () => Promise.reject(new Error('disk full')) }
  await expect(ensureAccountDefaults(failing, call.scope, call.clock, call.random)).rejects.toThrow('disk full')
  failing.write = call.store.write.bind(call.store) as never
  await ensureAccountDefaults(failing, call.scope, call.clock, call.random)
  expect((await ask('DescribeVpcs', {})).Vpcs).toHaveLength(1)
})
