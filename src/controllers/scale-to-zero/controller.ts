// Puts services to sleep that nobody asks for, and wakes them when a request waits for one of their tasks.

import { services, serviceEvents, sleepingServices } from '#apis/ecs/tables.ts'
import type { ServiceEventRecord, ServiceRecord } from '#apis/ecs/model/service.ts'
import { idleSecondsOf } from '#apis/ecs/model/scale-to-zero.ts'
import { updatedService } from '#apis/ecs/model/updated-service.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import type { ServiceArn } from '#aws/arn.ts'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { Random } from '#base/random.ts'
import type { Balancer, BalancerCounters, Holder } from '#dataplane/balancer/balancer.ts'
import type { Store, Transaction } from '#store/store.ts'
import { loadService, loadServices, type ServiceFacts } from './facts.ts'
import { IDLE_SECONDS, LISTEN_AGAIN_SECONDS, LOOK_SECONDS } from './limits.ts'
import { nextStep, type Seen } from './plan.ts'

interface Options {
  readonly store: Store
  readonly balancer: Pick<Balancer, 'counters' | 'targets'> & Holder
  /** What the balancer calls it. */
  readonly nameOf: (record: LoadBalancerRecord) => string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** When a service was last seen to be asked for. */
interface Activity {
  /** What was counted then. */
  readonly counted: string
  /** Milliseconds since 1970. */
  readonly at: number
}

export class ScaleToZeroController {
  readonly #options: Options
  readonly #activity = new Map<ServiceArn, Activity>()
  /** Ids of the groups that requests wait for. */
  #asked = new Set<string>()
  /** What ends listening, by what the balancer calls the load balancer. */
  readonly #listening = new Map<string, AbortController>()
  /** Aborts when a round is called for. */
  #called = new AbortController()

  constructor(options: Options) {
    this.#options = options
  }

  /** Works until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, clock, log } = this.#options
    const unwatch = store.watch([services], (changes) => {
      for (const { before, after } of changes) {
        const rows = [before, after] as (ServiceRecord | undefined)[]
        if (rows.some((row) => row !== undefined && idleSecondsOf(row) !== undefined)) this.#called.abort()
      }
    })
    while (!signal.aborted) {
      this.#called = new AbortController()
      let isNeeded = true
      try {
        isNeeded = await this.#round(signal)
      } catch (error) {
        if (isFault(error)) log.warn('scale-to-zero-fault', { kind: error.kind, reason: error.message })
        else log.bug('scale-to-zero-bug', error)
      }
      const called = AbortSignal.any([signal, this.#called.signal])
      await clock.sleep(isNeeded ? LOOK_SECONDS : IDLE_SECONDS, called)
    }
    unwatch()
    for (const listening of this.#listening.values()) listening.abort()
  }

  /** False when there is no such service. */
  async #round(signal: AbortSignal): Promise<boolean> {
    const asked = this.#asked
    this.#asked = new Set()
    const all = await this.#options.store.read(loadServices)
    this.#listen(all, signal)
    const readings = new Map<string, Promise<string>>()
    for (const facts of all) {
      const seen = await this.#seen(facts, asked, readings)
      if (nextStep(seen).do !== 'rest') await this.#act(seen)
    }
    const known = new Set(all.map(({ service }) => service.arn))
    for (const arn of this.#activity.keys()) if (!known.has(arn)) this.#activity.delete(arn)
    return all.length > 0
  }

  /** To each load balancer that could wake somebody, and to no other. */
  #listen(all: readonly ServiceFacts[], signal: AbortSignal): void {
    const { nameOf, balancer, clock } = this.#options
    const wanted = new Set(all.flatMap(({ doors }) => doors.map((door) => nameOf(door.balancer))))
    for (const [name, listening] of this.#listening) {
      if (wanted.has(name)) continue
      listening.abort()
      this.#listening.delete(name)
    }
    for (const name of wanted) {
      if (this.#listening.has(name)) continue
      const life = new AbortController()
      this.#listening.set(name, life)
      const until = AbortSignal.any([signal, life.signal])
      void (async (): Promise<void> => {
        while (!until.aborted) {
          await balancer.followHeld(name, (groupId) => this.#hear(groupId), until)
          await clock.sleep(LISTEN_AGAIN_SECONDS, until)
        }
      })()
    }
  }

  #hear(groupId: string): void {
    this.#asked.add(groupId)
    this.#called.abort()
  }

  async #seen(
    { service, sleeping, doors, canBeWoken }: ServiceFacts,
    asked: ReadonlySet<string>,
    readings: Map<string, Promise<string>>,
  ): Promise<Seen> {
    const now = this.#options.clock.now().getTime()
    const isAsked = doors.some(({ groupId }) => asked.has(groupId))
    const counts = await Promise.all(doors.map((door) => this.#counted(door, readings)))
    // A service that has just been given tasks is given its time, too.
    const counted = JSON.stringify([service.spec.desiredCount, service.status.isSteady, ...counts])
    const before = this.#activity.get(service.arn)
    const isBusy = isAsked || counts.some((count) => count.endsWith('busy'))
    const activity = before === undefined || before.counted !== counted || isBusy ? { counted, at: now } : before
    this.#activity.set(service.arn, activity)
    return { service, sleeping, canBeWoken, isAsked, idleSeconds: (now - activity.at) / 1000 }
  }

  /** What has been asked of a group so far, and whether it is being asked. */
  async #counted(door: ServiceFacts['doors'][number], readings: Map<string, Promise<string>>): Promise<string> {
    const { balancer, nameOf } = this.#options
    const name = nameOf(door.balancer)
    const key = `${name} ${door.groupId}`
    const reading = readings.get(key) ?? groupActivity(balancer, name, door.groupId)
    readings.set(key, reading)
    return reading
  }

  /** Decided once more from what is recorded by now. */
  async #act(seen: Seen): Promise<void> {
    const { store, log } = this.#options
    await store.write(async (tx) => {
      const facts = await loadService(tx, seen.service.arn)
      if (facts === undefined) return
      const { service, sleeping, canBeWoken } = facts
      const step = nextStep({ ...seen, service, sleeping, canBeWoken })
      if (step.do === 'rest') return
      if (step.do === 'forget') return tx.delete(sleepingServices, service.arn)
      const desiredCount = step.do === 'sleep' ? 0 : step.desiredCount
      const changed = updatedService(service, { service: service.arn, desiredCount })
      await tx.put(services, await this.#told(tx, changed, step.do))
      const since = this.#options.clock.now().toISOString()
      if (step.do === 'wake') await tx.delete(sleepingServices, service.arn)
      else await tx.put(sleepingServices, { serviceArn: service.arn, desiredCount: service.spec.desiredCount, since })
      log.info('scale-to-zero', { service: service.arn, step: step.do, desiredCount })
    })
  }

  /** With an event that says so: nobody else has changed the count. */
  async #told(tx: Transaction, service: ServiceRecord, what: 'sleep' | 'wake'): Promise<ServiceRecord> {
    const { random, clock } = this.#options
    const { name, spec } = service
    const why =
      what === 'sleep'
        ? `has had no request for ${idleSecondsOf(service)} seconds and sleeps: desired count 0.`
        : `wakes: desired count ${spec.desiredCount}.`
    const event: ServiceEventRecord = {
      serviceArn: service.arn,
      number: service.status.lastEvent + 1,
      id: random.uuid(),
      createdAt: clock.now().toISOString(),
      message: `(service ${name}) ${why}`,
    }
    await tx.put(serviceEvents, event)
    return { ...service, status: { ...service.status, lastEvent: event.number } }
  }
}

const groupActivity = async (
  balancer: Pick<Balancer, 'counters' | 'targets'>,
  name: string,
  groupId: string,
): Promise<string> => {
  const counters: BalancerCounters | undefined = await balancer.counters(name)
  const targets = (await balancer.targets(name)) ?? []
  const isBusy = targets.some((target) => target.groupId === groupId && target.sessions > 0)
  return `${counters?.epoch} ${counters?.groups[groupId]?.requests}${isBusy ? ' busy' : ''}`
}
