// In the place of the load-balancer controller, where a test is about the API alone: what is wished for is so at once.

import { APIS } from '#apis/index.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { HEALTH, type TargetRecord } from '#apis/elbv2/model/target.ts'
import { loadBalancers, targetKey, targets } from '#apis/elbv2/tables.ts'
import { systemClock } from '#base/clock.ts'
import { systemRandom } from '#base/random.ts'
import { newVault } from '#base/vault.ts'
import { newAuthority } from '#base/x509/authority.ts'
import type { Store } from '#store/store.ts'
import { type Started, started } from './api-server.ts'

const settleBalancer = async (store: Store, row: LoadBalancerRecord): Promise<void> => {
  if (row.spec.deleteRequested) await store.write((tx) => tx.delete(loadBalancers, row.arn))
  else if (row.status.state !== 'active') {
    await store.write((tx) => tx.put(loadBalancers, { ...row, status: { state: 'active', addresses: [] } }))
  }
}

const settleTarget = async (store: Store, row: TargetRecord): Promise<void> => {
  if (row.spec.deregisteredAt !== undefined) await store.write((tx) => tx.delete(targets, targetKey(row)))
  else if (row.status.state === 'initial') {
    const status = { ...HEALTH.healthy, since: row.spec.registeredAt }
    await store.write((tx) => tx.put(targets, { ...row, status }))
  }
}

/** Load balancers become active, targets healthy; what is no longer wanted is forgotten. */
const actAsBalancers = (store: Store): void => {
  store.watch([loadBalancers], (changes) => {
    for (const { after } of changes) if (after !== undefined) void settleBalancer(store, after as LoadBalancerRecord)
  })
  store.watch([targets], (changes) => {
    for (const { after } of changes) if (after !== undefined) void settleTarget(store, after as TargetRecord)
  })
}

/** All of AWS's APIs in this process, with that stand-in behind them. */
export const apiWithBalancers = (store: Store): Promise<Started> => {
  actAsBalancers(store)
  const authority = newAuthority({ clock: systemClock, random: systemRandom })
  return started(APIS, { store, vault: newVault(), authority })
}
