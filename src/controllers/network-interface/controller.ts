// Makes the network what EC2's tables say: one step per interface, each safe to repeat, recorded after it is done.

import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import {
  addressesOf,
  departedInterfaces,
  ec2Key,
  interfaceDeparts,
  isResting,
  networkInterfaces,
  prefixLists,
  releasedAddresses,
  vpcs,
} from '#apis/ec2/tables.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { loadBalancers } from '#apis/elbv2/tables.ts'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log, LogFields } from '#base/log.ts'
import type { Random } from '#base/random.ts'
import { WorkQueue } from '#base/work-queue.ts'
import type { InterfacePlan, Network } from '#network/network.ts'
import type { Change, Reader, Store } from '#store/store.ts'
import { areNamesNews } from './load-balancer-names.ts'
import { ADDRESSES_FORGOTTEN_AT_ONCE, CONCURRENT_KEYS, RESYNC_SECONDS } from './limits.ts'
import { addressesToRest, differences, failureToRecord, nextStep } from './plan.ts'
import { loadedVpc, VPC_TABLES } from './loaded-vpc.ts'
import { type LoadedVpc, VpcLane } from './vpc-lane.ts'
import type { VpcServices } from './vpc-services.ts'

interface Options {
  readonly store: Store
  readonly network: Network
  /** The servers inside each VPC, where there are any. */
  readonly services?: VpcServices
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

const NO_SERVICES: VpcServices = { setVpc: async () => {}, removeVpc: async () => {} }

/** The kinds of key in the work queue; each is followed by a space and what it is about. */
const INTERFACE = 'interface'
const STRAY_INTERFACE = 'stray-interface'
const ROUTER = 'router'
const IDLE_ROUTER = 'idle-router'

/** What any row of EC2's tables tells about the VPC that it concerns. */
interface Concerned {
  readonly id: string
  readonly vpcId?: string
}

/** True while flow logs have to tell of an interface that went: what it sent is counted in the router. */
const isStillCounted = async (reader: Reader, vpcId: string): Promise<boolean> => {
  const gone = (await reader.list(departedInterfaces)).find((row) => row.vpcId === vpcId)
  return gone !== undefined && (await reader.get(vpcs, ec2Key(gone.scope, vpcId))) !== undefined
}

export class NetworkInterfaceController {
  readonly #options: Options
  /** By the VPC's id, which is unique over all accounts and regions. */
  readonly #lanes = new Map<string, VpcLane>()
  readonly #vpcKeys = new Map<string, string>()
  /** What this process has made and recorded, by the interface's key. */
  readonly #made = new Map<string, InterfacePlan>()
  #queue: WorkQueue | undefined

  constructor(options: Options) {
    this.#options = options
  }

  /** Works until `signal` aborts, and returns when nothing is under way any more. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, clock, random } = this.#options
    const queue = new WorkQueue({
      clock,
      random,
      signal,
      concurrency: CONCURRENT_KEYS,
      work: (key, attempts) => this.#workOn(key, attempts),
      failed: (key, attempts, error) => this.#tell(error, { key, attempts }),
    })
    this.#queue = queue
    const unwatch = store.watch([networkInterfaces, prefixLists, loadBalancers, ...VPC_TABLES], (changes) =>
      changes.forEach(this.#noticed),
    )
    try {
      while (!signal.aborted) {
        await this.#resync(queue).catch((error: unknown) => this.#tell(error, { key: 'resync' }))
        await clock.sleep(RESYNC_SECONDS, signal)
      }
    } finally {
      unwatch()
      await queue.drained()
    }
  }

  #tell(error: unknown, fields: LogFields): void {
    const { log } = this.#options
    if (isFault(error)) log.warn('network-fault', { ...fields, kind: error.kind, reason: error.message })
    else log.bug('network-bug', error, fields)
  }

  /** Called inside of the store's notification: only marks. */
  readonly #noticed = (change: Change): void => {
    if (change.table === networkInterfaces.name) {
      this.#concernsVpc(change)
      if (change.after !== undefined) this.#queue?.add(`${INTERFACE} ${change.key}`)
      // The row went without having asked first, as when everything is reset.
      else if (this.#made.delete(change.key)) this.#queue?.add(`${STRAY_INTERFACE} ${(change.before as Concerned).id}`)
      return
    }
    if (change.table === loadBalancers.name) {
      const [before, after] = [change.before, change.after] as (LoadBalancerRecord | undefined)[]
      // Its name is known in every VPC.
      if (areNamesNews(before, after)) this.#allStale()
      return
    }
    // Rules and routes of any VPC may name it; those that do not find nothing changed.
    if (change.table === prefixLists.name) return this.#allStale()
    for (const row of [change.before, change.after] as (Concerned | undefined)[]) {
      const vpcId = change.table === vpcs.name ? row?.id : row?.vpcId
      if (vpcId !== undefined) this.#stale(vpcId)
    }
  }

  /**
   * The API answers at the interface of an endpoint from when it is attached until it goes; and flow logs count for
   * the addresses that an interface has by now.
   */
  #concernsVpc({ before, after }: Change): void {
    const [was, is] = [before, after] as (NetworkInterfaceRecord | undefined)[]
    const row = is ?? was
    if (row === undefined) return
    const isMoved = was !== undefined && is !== undefined && addressesOf(was).join() !== addressesOf(is).join()
    // Routes may lead to one that takes what is not for itself.
    const forwards = was?.spec.sourceDestCheck === false || is?.spec.sourceDestCheck === false
    if (row.spec.interfaceType === 'vpc_endpoint' || isMoved || forwards) this.#stale(row.spec.vpcId)
  }

  #allStale(): void {
    for (const vpcId of this.#lanes.keys()) this.#stale(vpcId)
  }

  /** Only a VPC with a router has anything to apply; the others read everything when they get one. */
  #stale(vpcId: string): void {
    const lane = this.#lanes.get(vpcId)
    if (lane === undefined) return
    lane.markStale()
    this.#queue?.add(`${ROUTER} ${vpcId}`)
  }

  #lane(vpcId: string): VpcLane {
    const known = this.#lanes.get(vpcId)
    if (known !== undefined) return known
    const { store, network, services } = this.#options
    const load = async (): Promise<LoadedVpc | undefined> => {
      const key = this.#vpcKeys.get(vpcId)
      return key === undefined ? undefined : store.read((reader) => loadedVpc(reader, key))
    }
    const lane = new VpcLane({ id: vpcId, network, services: services ?? NO_SERVICES, load })
    this.#lanes.set(vpcId, lane)
    return lane
  }

  #workOn(key: string, attempts: number): Promise<void> {
    const [kind, id] = key.split(' ') as [string, string]
    switch (kind) {
      case INTERFACE:
        return this.#advance(id, attempts)
      case ROUTER:
        return this.#refreshRouter(id)
      case IDLE_ROUTER:
        return this.#removeRouter(id)
      default:
        return this.#options.network.detach(id)
    }
  }

  async #refreshRouter(vpcId: string): Promise<void> {
    const key = this.#vpcKeys.get(vpcId)
    const vpc = key === undefined ? undefined : await this.#options.store.read((reader) => reader.get(vpcs, key))
    return vpc === undefined ? this.#removeRouter(vpcId) : this.#lane(vpcId).refresh()
  }

  /** Looks once more when it has its turn: an interface is recorded before it is tied to the router. */
  #removeRouter(vpcId: string): Promise<void> {
    return this.#lane(vpcId).removeIf(async () => {
      return this.#options.store.read(async (reader) => {
        const records = await reader.list(networkInterfaces)
        const isUsed = records.some(({ spec }) => spec.vpcId === vpcId && spec.isAddressOnly !== true)
        return !isUsed && !(await isStillCounted(reader, vpcId))
      })
    })
  }

  async #advance(key: string, attempts: number): Promise<void> {
    const { network, store } = this.#options
    const record = await store.read((reader) => reader.get(networkInterfaces, key))
    if (record === undefined) return
    const { vpcId } = record.spec
    this.#vpcKeys.set(vpcId, ec2Key(record.scope, vpcId))
    const lane = this.#lane(vpcId)
    const step = nextStep(record, this.#made.get(key))
    switch (step.do) {
      case 'attach':
        return this.#attach(key, record, step.plan, lane, attempts)
      case 'update':
        return this.#update(key, step.plan, lane)
      case 'detach':
        await lane.alone(() => network.detach(record.id))
        this.#made.delete(key)
        return this.#forget(key)
      case 'forget':
        return this.#forget(key)
      case 'rest':
    }
  }

  async #attach(
    key: string,
    record: NetworkInterfaceRecord,
    plan: InterfacePlan,
    lane: VpcLane,
    attempts: number,
  ): Promise<void> {
    const { network, clock } = this.#options
    try {
      const { namespacePath } = await lane.withRouter(() => network.attach(plan))
      this.#made.set(key, plan)
      const { status } = record
      if (status.state === 'attached' && status.namespacePath === namespacePath) return
      await this.#record(key, { state: 'attached', namespacePath, attachedAt: clock.now().toISOString() })
    } catch (error) {
      this.#made.delete(key)
      // The router vanished under us: the next attempt makes it again.
      if (isFault(error, 'not-found')) lane.forgetRouter()
      const failure = failureToRecord(error, attempts)
      if (failure === undefined) throw error
      this.#tell(error, { key, attempts })
      await this.#record(key, failure)
    }
  }

  async #update(key: string, plan: InterfacePlan, lane: VpcLane): Promise<void> {
    try {
      await lane.withRouter(() => this.#options.network.update(plan))
      this.#made.set(key, plan)
    } catch (error) {
      // The interface vanished under us: it is attached again.
      if (isFault(error, 'not-found')) this.#made.delete(key)
      throw error
    }
  }

  async #record(key: string, status: NetworkInterfaceRecord['status']): Promise<void> {
    const isRecorded = await this.#options.store.write(async (tx) => {
      const record = await tx.get(networkInterfaces, key)
      if (record !== undefined) await tx.put(networkInterfaces, { ...record, status })
      return record !== undefined
    })
    // The row went while we attached it.
    const made = this.#made.get(key)
    if (isRecorded || made === undefined) return
    this.#made.delete(key)
    this.#queue?.add(`${STRAY_INTERFACE} ${made.id}`)
  }

  /** The row goes, its addresses rest, and some that have rested are free again. */
  async #forget(key: string): Promise<void> {
    const now = this.#options.clock.now()
    await this.#options.store.write(async (tx) => {
      const record = await tx.get(networkInterfaces, key)
      if (record === undefined) return
      await tx.delete(networkInterfaces, key)
      await interfaceDeparts(tx, record, now)
      for (const released of addressesToRest(record, now)) await tx.put(releasedAddresses, released)
      for (const released of await tx.list(releasedAddresses, { limit: ADDRESSES_FORGOTTEN_AT_ONCE })) {
        if (!isResting(released, now)) await tx.delete(releasedAddresses, releasedAddresses.key(released))
      }
    })
  }

  /** Compares records and kernel: makes what is missing, takes away what nobody owns. */
  async #resync(queue: WorkQueue): Promise<void> {
    // Looked at before the records are read: every interface is recorded before it is made.
    const seen = await this.#options.network.observe()
    const records = await this.#options.store.read((reader) => reader.list(networkInterfaces))
    const gaps = differences(seen, records)
    for (const id of gaps.strayInterfaces) queue.add(`${STRAY_INTERFACE} ${id}`)
    for (const id of gaps.idleVpcs) queue.add(`${IDLE_ROUTER} ${id}`)
    for (const [id, lane] of this.#lanes) if (gaps.missingVpcs.has(id)) lane.forgetRouter()
    for (const record of records) {
      const key = networkInterfaces.key(record)
      if (gaps.missingInterfaces.has(record.id)) this.#made.delete(key)
      queue.add(`${INTERFACE} ${key}`)
    }
  }
}
