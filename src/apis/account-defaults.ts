// What a new AWS account finds in every region: a default VPC with everything a task needs, and a default cluster.
// (https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html)

import { type Scope, scopeKey } from '#aws/scope.ts'
import type { Clock } from '#base/clock.ts'
import type { Random } from '#base/random.ts'
import { type Store, table } from '#store/store.ts'
import { putDefaultVpc } from './ec2/default-vpc.ts'
import { defaultCluster } from './ecs/model/defaults.ts'
import { clusters } from './ecs/tables.ts'

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

/** After the store was emptied: every account is new again. */
export const forgetAccountDefaults = (store: Store): void => void settled.delete(store)
