// Brings deployments to their end: each turn loads, decides and commits in one transaction, then invokes the hook that
// the decision asks for, or sets a timer for the time at which something is due although nothing happens.

import { type DeploymentRecord, isOver, isShift } from '#apis/codedeploy/model/deployment.ts'
import { deployments, unfinishedDeployments } from '#apis/codedeploy/tables.ts'
import type { ServiceRecord } from '#apis/ecs/model/service.ts'
import type { TaskSetRecord } from '#apis/ecs/model/task-set.ts'
import { services, taskSets } from '#apis/ecs/tables.ts'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log, LogFields } from '#base/log.ts'
import type { Random } from '#base/random.ts'
import { Timer } from '#base/timer.ts'
import { WorkQueue } from '#base/work-queue.ts'
import { type Alarms, NO_ALARMS } from '#controllers/service/seams.ts'
import type { Change, Store } from '#store/store.ts'
import { commit } from './commit.ts'
import { type DeploymentHookCall, type InvokeHook, NO_DEPLOYMENT_HOOKS } from './hooks.ts'
import { CONCURRENT_DEPLOYMENTS, RESYNC_SECONDS } from './limits.ts'
import { factsOf } from './load.ts'
import { plan } from './plan.ts'

export interface CodeDeployControllerOptions {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** There are no alarms when absent. */
  readonly alarms?: Alarms
  /** Hooks cannot be invoked when absent. */
  readonly invokeHook?: InvokeHook
}

/** What is remembered of a deployment between its turns; nothing of it is lost with it. */
interface Memory {
  serviceArn: string | undefined
  readonly invoked: Set<string>
  readonly failedHooks: Map<string, string>
  readonly timer: Timer
}

export class CodeDeployController {
  readonly #options: CodeDeployControllerOptions
  readonly #alarms: Alarms
  readonly #known = new Map<string, Memory>()
  #queue: WorkQueue | undefined

  constructor(options: CodeDeployControllerOptions) {
    this.#options = options
    this.#alarms = options.alarms ?? NO_ALARMS
  }

  /** Works until `signal` aborts, and returns when nothing is under way any more. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, clock, random } = this.#options
    const queue = new WorkQueue({
      clock,
      random,
      signal,
      concurrency: CONCURRENT_DEPLOYMENTS,
      work: (id) => this.#turns(id, signal),
      failed: (id, attempts, error) => this.#tell(error, { deployment: id, attempts }),
    })
    this.#queue = queue
    const unwatch = [
      store.watch([deployments, taskSets, services], (changes) => this.#noticed(changes)),
      this.#alarms.watch(() => {
        for (const id of this.#known.keys()) queue.add(id)
      }),
    ]
    try {
      while (!signal.aborted) {
        await this.#resync().catch((error: unknown) => this.#tell(error, { deployment: 'resync' }))
        await clock.sleep(RESYNC_SECONDS, signal)
      }
    } finally {
      for (const stop of unwatch) stop()
      for (const { timer } of this.#known.values()) timer.set(undefined)
      await queue.drained()
    }
  }

  async #resync(): Promise<void> {
    for (const { id } of await this.#options.store.read(unfinishedDeployments)) this.#wake(id)
  }

  #wake(id: string): void {
    this.#memory(id)
    this.#queue?.add(id)
  }

  /** Called inside of the store's notification: only marks. */
  #noticed(changes: readonly Change[]): void {
    for (const { table, key, before, after } of changes) {
      if (table === deployments.name) {
        const deployment = after as DeploymentRecord | undefined
        const isNews = deployment !== undefined && (before as DeploymentRecord | undefined)?.spec !== deployment.spec
        if (isNews && !isOver(deployment)) this.#wake(key)
        continue
      }
      const row = (after ?? before) as ServiceRecord | TaskSetRecord
      const serviceArn = 'serviceArn' in row ? row.serviceArn : row.arn
      for (const [id, memory] of this.#known) if (memory.serviceArn === serviceArn) this.#queue?.add(id)
    }
  }

  #memory(id: string): Memory {
    const known = this.#known.get(id)
    if (known !== undefined) return known
    const timer = new Timer({ clock: this.#options.clock, ring: () => this.#queue?.add(id) })
    const fresh = { serviceArn: undefined, invoked: new Set<string>(), failedHooks: new Map(), timer }
    this.#known.set(id, fresh)
    return fresh
  }

  async #turns(id: string, signal: AbortSignal): Promise<void> {
    const { store, random, clock } = this.#options
    const memory = this.#memory(id)
    const world = { alarms: this.#alarms, failedHooks: memory.failedHooks }
    while (!signal.aborted) {
      const turn = await store.write(async (tx) => {
        const facts = await factsOf(tx, id, { ...world, now: clock.now() })
        if (facts === undefined) return undefined
        const decided = plan(facts)
        return { decided, hasChanged: await commit(tx, decided, random) }
      })
      if (turn === undefined || isOver(turn.decided.deployment)) return this.#forget(id)
      const { deployment, call, wakeAt } = turn.decided
      memory.serviceArn = isShift(deployment.spec.shift) ? deployment.spec.shift.serviceArn : undefined
      if (call !== undefined) void this.#invoke(call, memory)
      if (!turn.hasChanged) return memory.timer.set(wakeAt)
    }
  }

  #forget(id: string): void {
    this.#known.get(id)?.timer.set(undefined)
    this.#known.delete(id)
  }

  /** Beside the turns: a hook may take its time. Once, as long as this process lives. */
  async #invoke(call: DeploymentHookCall, { invoked, failedHooks }: Memory): Promise<void> {
    if (invoked.has(call.hookExecutionId)) return
    invoked.add(call.hookExecutionId)
    try {
      await (this.#options.invokeHook ?? NO_DEPLOYMENT_HOOKS)(call)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#options.log.warn('codedeploy-hook', { deployment: call.deploymentId, reason })
      failedHooks.set(call.hookExecutionId, reason)
      this.#queue?.add(call.deploymentId)
    }
  }

  #tell(error: unknown, fields: LogFields): void {
    const { log } = this.#options
    if (isFault(error)) log.warn('codedeploy-fault', { ...fields, kind: error.kind, reason: error.message })
    else log.bug('codedeploy-bug', error, fields)
  }
}
