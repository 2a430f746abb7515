// What a new AWS account finds in every region: a default VPC with everything a task needs, and a default cluster.
// (https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html)

import { newEc2Id } from '#aws/arn.ts'
import { type Scope, scopeKey } from '#aws/scope.ts'
import type { Clock } from '#base/clock.ts'
import type { Random } from '#base/random.ts'
import { type Store, table, type Transaction } from '#store/store.ts'
import { addressAt, knownCidr } from './ec2/model/cidr.ts'
import type { SubnetRecord } from './ec2/model/records.ts'
import { INTERNET_GATEWAY } from './ec2/model/resource-kind.ts'
import { newSubnet } from './ec2/model/subnet.ts'
import { newVpc } from './ec2/model/vpc.ts'
import { zoneNames } from './ec2/model/zone.ts'
import { internetGateways, routeTables, securityGroups, subnets, vpcs } from './ec2/tables.ts'
import { defaultCluster } from './ecs/model/defaults.ts'
import { clusters } from './ecs/tables.ts'

const DEFAULT_VPC_CIDR = '172.31.0.0/16'
const DEFAULT_SUBNET_PREFIX = 20
const DEFAULT_SUBNETS = 3

/** That an account and region have had their defaults: what the user then deletes stays deleted. */
export const settledAccounts = table<{ readonly scope: Scope; readonly settledAt: string }>({
  name: 'account.defaults',
  key: (row) => scopeKey(row.scope),
})

/** Known to be settled in this process; the store is asked once per account and region. */
const settled = new WeakMap<Store, Map<string, Promise<void>>>()

/** Resolves when the defaults of this account and region exist. Costs nothing after the first call. */
export const ensureAccountDefaults = (store: Store, scope: Scope, clock: Clock, random: Random): Promise<void> => {
  const known = settled.get(store) ?? new Map<string, Promise<void>>()
  settled.set(store, known)
  const key = scopeKey(scope)
  const earlier = known.get(key)
  if (earlier !== undefined) return earlier
  const attempt = settle(store, scope, clock.now(), random)
  known.set(key, attempt)
  // A write that failed is tried again by the next call.
  attempt.catch(() => known.delete(key))
  return attempt
}

const settle = async (store: Store, scope: Scope, now: Date, random: Random): Promise<void> => {
  const key = scopeKey(scope)
  if ((await store.read((reader) => reader.get(settledAccounts, key))) !== undefined) return
  await store.write(async (tx) => {
    if ((await tx.get(settledAccounts, key)) !== undefined) return
    await putDefaultVpc(tx, scope, random)
    await tx.put(clusters, defaultCluster(scope, now.toISOString()))
    await tx.put(settledAccounts, { scope, settledAt: now.toISOString() })
  })
}

const putDefaultVpc = async (tx: Transaction, scope: Scope, random: Random): Promise<void> => {
  const cidr = knownCidr(DEFAULT_VPC_CIDR)
  const { vpc, routeTable, securityGroup } = newVpc({ scope, cidr, isDefault: true, tags: [], random })
  const gatewayId = newEc2Id(INTERNET_GATEWAY.prefix, random)
  await tx.put(vpcs, vpc)
  await tx.put(securityGroups, securityGroup)
  await tx.put(internetGateways, { id: gatewayId, scope, vpcId: vpc.id, tags: [] })
  await tx.put(routeTables, {
    ...routeTable,
    routes: [...routeTable.routes, { destinationCidr: '0.0.0.0/0', target: gatewayId }],
  })
  const made: SubnetRecord[] = []
  for (const [index, availabilityZone] of zoneNames(scope.region).slice(0, DEFAULT_SUBNETS).entries()) {
    const base = addressAt(cidr, BigInt(index) << BigInt(32 - DEFAULT_SUBNET_PREFIX))
    const block = knownCidr(`${base}/${DEFAULT_SUBNET_PREFIX}`)
    made.push(newSubnet({ vpc, others: made, cidr: block, availabilityZone, defaultForAz: true, tags: [], random }))
  }
  for (const subnet of made) await tx.put(subnets, subnet)
}

/** After the store was emptied: every account is new again. */
export const forgetAccountDefaults = (store: Store): void => void settled.delete(store)
