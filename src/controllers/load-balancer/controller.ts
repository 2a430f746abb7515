// Makes load balancers what is recorded of them, and records how they and their targets are: one load balancer at a time,
// each step safe to repeat, recorded after it is done.

import { networkInterfaces } from '#apis/ec2/tables.ts'
import { services } from '#apis/ecs/tables.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { HEALTH } from '#apis/elbv2/model/target.ts'
import {
  listeners,
  loadBalancers,
  loadBalancersOfGroup,
  rules,
  targetGroups,
  targetGroupsWithTarget,
  targetKey,
  targets,
  targetsOf,
} from '#apis/elbv2/tables.ts'
import type { CertificateArn, LoadBalancerArn, TargetGroupArn } from '#aws/arn.ts'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log, LogFields } from '#base/log.ts'
import type { Random } from '#base/random.ts'
import { WorkQueue } from '#base/work-queue.ts'
import type { Balancer } from '#dataplane/balancer/balancer.ts'
import type { Change, Store } from '#store/store.ts'
import { type Facts, loadFacts } from './facts.ts'
import { targetNews, turned } from './health.ts'
import { concernsAll, keyOf, keysOf, partsOf } from './keys.ts'
import { CONCURRENT_KEYS, DRAIN_LOOK_SECONDS, RESYNC_SECONDS } from './limits.ts'
import { balancerId, balancerPlan } from './plan.ts'
import { provisioned, unprovisioned } from './provision.ts'

export interface LoadBalancerControllerOptions {
  readonly store: Store
  readonly balancer: Balancer
  /** Certificate, chain and key; undefined where there is none. There are none at all when absent. */
  readonly certificate?: (arn: CertificateArn) => Promise<string | undefined>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly publicAddressPool?: string
}

export class LoadBalancerController {
  readonly #options: LoadBalancerControllerOptions
  #queue: WorkQueue | undefined
  /** The ARN of each by what the balancer calls it. */
  readonly #arns = new Map<string, string>()
  /** Those with targets that drain. */
  readonly #looking = new Set<string>()

  constructor(options: LoadBalancerControllerOptions) {
    this.#options = options
  }

  /** Works until `signal` aborts, and returns when nothing is under way any more. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, balancer, clock, random } = this.#options
    const queue = new WorkQueue({
      clock,
      random,
      signal,
      concurrency: CONCURRENT_KEYS,
      work: (key) => this.#workOn(key, signal),
      failed: (key, attempts, error) => this.#tell(error, { key, attempts }),
    })
    this.#queue = queue
    const unwatchStore = store.watch(
      [loadBalancers, targetGroups, listeners, rules, targets, networkInterfaces, services],
      (changes) => this.#noticed(changes),
    )
    const unwatchBalancer = balancer.watch((id) => {
      const arn = this.#arns.get(id)
      if (arn !== undefined) queue.add(keyOf('balancer', arn))
    })
    try {
      while (!signal.aborted) {
        await this.#resync(queue).catch((error: unknown) => this.#tell(error, { key: 'resync' }))
        await clock.sleep(RESYNC_SECONDS, signal)
      }
    } finally {
      unwatchStore()
      unwatchBalancer()
      await queue.drained()
    }
  }

  /** Called inside of the store's notification: only marks. */
  #noticed(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.table !== services.name) for (const key of keysOf(change)) this.#queue?.add(key)
      else if (concernsAll(change)) for (const arn of this.#arns.values()) this.#queue?.add(keyOf('balancer', arn))
    }
  }

  async #resync(queue: WorkQueue): Promise<void> {
    const { store, balancer } = this.#options
    // Looked at before the records are read: a load balancer is recorded before it is made.
    const seen = await balancer.observe()
    const { all, groups } = await store.read(async (reader) => ({
      all: await reader.list(loadBalancers),
      groups: await reader.list(targetGroups),
    }))
    for (const record of all) {
      this.#arns.set(balancerId(record), record.arn)
      queue.add(keyOf('balancer', record.arn))
    }
    for (const { arn } of groups) queue.add(keyOf('group', arn))
    for (const id of seen) if (!this.#arns.has(id)) queue.add(keyOf('stray', id))
  }

  async #workOn(key: string, signal: AbortSignal): Promise<void> {
    const [kind, name] = partsOf(key)
    switch (kind) {
      case 'balancer':
        return this.#bring(name, signal)
      case 'group':
        return this.#group(name as TargetGroupArn)
      case 'stray':
        return this.#options.balancer.remove(name)
      case 'target': {
        const rows = await this.#options.store.read((reader) => targetGroupsWithTarget(reader, name as LoadBalancerArn))
        for (const { targetGroupArn } of rows) this.#queue?.add(keyOf('group', targetGroupArn))
        return
      }
      case 'listener': {
        const listener = await this.#options.store.read((reader) => reader.get(listeners, name))
        if (listener !== undefined) this.#queue?.add(keyOf('balancer', listener.loadBalancerArn))
      }
    }
  }

  /** Wakes the load balancers that use it; a group that none uses has targets that are not in use. */
  async #group(arn: TargetGroupArn): Promise<void> {
    const { store, clock } = this.#options
    const users = await store.read((reader) => loadBalancersOfGroup(reader, arn))
    for (const user of users) this.#queue?.add(keyOf('balancer', user))
    if (users.length > 0) return
    const now = clock.now()
    const idle = await store.read((reader) => targetsOf(reader, arn))
    const news = idle.filter(
      (one) => one.spec.deregisteredAt !== undefined || turned(one, HEALTH.notInUse, now) !== one,
    )
    if (news.length === 0) return
    await store.write(async (tx) => {
      if ((await loadBalancersOfGroup(tx, arn)).length > 0) return
      for (const one of await targetsOf(tx, arn)) {
        if (one.spec.deregisteredAt !== undefined) await tx.delete(targets, targetKey(one))
        else await tx.put(targets, turned(one, HEALTH.notInUse, now))
      }
    })
  }

  async #bring(arn: string, signal: AbortSignal): Promise<void> {
    const { store, balancer } = this.#options
    const before = await store.read((reader) => reader.get(loadBalancers, arn))
    if (before === undefined) return
    this.#arns.set(balancerId(before), arn)
    if (before.spec.deleteRequested) return this.#takeDown(before)
    await this.#provision(before)
    const facts = await store.read((reader) => loadFacts(reader, arn))
    if (facts === undefined) return
    const plan = balancerPlan(facts, await this.#certificates(facts))
    // The interfaces' changes wake us again.
    if (plan === undefined) return
    try {
      await balancer.apply(plan)
    } catch (error) {
      if (isFault(error)) await this.#impaired(facts.balancer, error.message)
      throw error
    }
    await this.#record(facts, signal)
  }

  async #provision(before: LoadBalancerRecord): Promise<void> {
    const { store, random, clock, publicAddressPool } = this.#options
    const by = { random, now: clock.now(), ...(publicAddressPool === undefined ? {} : { publicAddressPool }) }
    await store.write(async (tx) => {
      const record = await tx.get(loadBalancers, before.arn)
      if (record === undefined || record.spec.deleteRequested) return
      const after = await provisioned(tx, record, by)
      if (JSON.stringify(after) !== JSON.stringify(record)) await tx.put(loadBalancers, after)
    })
  }

  async #impaired(record: LoadBalancerRecord, reason: string): Promise<void> {
    await this.#options.store.write(async (tx) => {
      const current = await tx.get(loadBalancers, record.arn)
      if (current === undefined || current.status.reason === reason) return
      // One that has never served is not active, however often it fails.
      const hasServed = !['provisioning', 'failed'].includes(current.status.state)
      const state = hasServed ? 'active_impaired' : 'failed'
      await tx.put(loadBalancers, { ...current, status: { ...current.status, state, reason } })
    })
  }

  async #takeDown(record: LoadBalancerRecord): Promise<void> {
    const { store, balancer } = this.#options
    await balancer.remove(balancerId(record))
    this.#arns.delete(balancerId(record))
    await store.write(async (tx) => {
      await unprovisioned(tx, record, true)
      await tx.delete(loadBalancers, record.arn)
    })
  }

  async #certificates({ listeners: all }: Facts): Promise<Map<string, string>> {
    const found = new Map<string, string>()
    for (const { listener } of all) {
      const { defaultCertificateArn, certificateArns } = listener.spec
      for (const arn of [...(defaultCertificateArn === undefined ? [] : [defaultCertificateArn]), ...certificateArns]) {
        const pem = await this.#options.certificate?.(arn)
        if (pem !== undefined) found.set(arn, pem)
      }
    }
    return found
  }

  /** It serves: that, and how its targets are. Interfaces in subnets that it left are given back now. */
  async #record(applied: Facts, signal: AbortSignal): Promise<void> {
    const { store, balancer, clock } = this.#options
    const { balancer: record } = applied
    const seen = await balancer.targets(balancerId(record))
    const now = clock.now()
    const facts = await store.read((reader) => loadFacts(reader, record.arn))
    if (facts === undefined) return
    const news = targetNews(facts, applied, seen, now)
    const isNews = news.changed.length + news.gone.length > 0 || facts.balancer.status.state !== 'active'
    const hasMoved = facts.balancer.status.addresses.length > facts.balancer.spec.subnets.length
    if (isNews || hasMoved) {
      await store.write(async (tx) => {
        for (const one of [...news.changed, ...news.gone]) {
          const current = await tx.get(targets, targetKey(one))
          if (current?.spec.registeredAt !== one.spec.registeredAt) continue
          if (current.spec.deregisteredAt !== one.spec.deregisteredAt) continue
          await (news.gone.includes(one)
            ? tx.delete(targets, targetKey(one))
            : tx.put(targets, { ...current, status: one.status }))
        }
        const current = await tx.get(loadBalancers, record.arn)
        if (current === undefined) return
        const { reason: _, ...status } = current.status
        const served: LoadBalancerRecord = { ...current, status: { ...status, state: 'active' } }
        await tx.put(loadBalancers, await unprovisioned(tx, served, false))
      })
    }
    if (news.nextAt !== undefined) void this.#lookAgain(record.arn, signal)
  }

  async #lookAgain(arn: string, signal: AbortSignal): Promise<void> {
    if (this.#looking.has(arn)) return
    this.#looking.add(arn)
    await this.#options.clock.sleep(DRAIN_LOOK_SECONDS, signal)
    this.#looking.delete(arn)
    this.#queue?.add(keyOf('balancer', arn))
  }

  #tell(error: unknown, fields: LogFields): void {
    const { log } = this.#options
    if (isFault(error)) log.warn('load-balancer-fault', { ...fields, kind: error.kind, reason: error.message })
    else log.bug('load-balancer-bug', error, fields)
  }
}
