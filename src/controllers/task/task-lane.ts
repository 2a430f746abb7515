// One task's turns: decide, begin what is to be done, record what is known; one turn at a time, steps beside them.

import { releasedInterface } from '#apis/ec2/model/interface-plan.ts'
import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import { ec2Key, networkInterfaces, vpcs } from '#apis/ec2/tables.ts'
import { isStopped, type TaskRecord } from '#apis/ecs/model/task.ts'
import { taskDefinitions, tasks } from '#apis/ecs/tables.ts'
import { backoffSeconds } from '#base/backoff.ts'
import { Fault, isFault } from '#base/fault.ts'
import type { LogFields } from '#base/log.ts'
import type { Random } from '#base/random.ts'
import { Timer } from '#base/timer.ts'
import type { Store } from '#store/store.ts'
import type { Room } from '../capacity/room.ts'
import { carryOut, type World } from './carry-out.ts'
import type { Facts, Plan, Step, TaskSettings } from './facts.ts'
import { failureNotice } from './failures.ts'
import { BACKOFF } from './limits.ts'
import { NO_NOTES, noted, type Notes } from './notes.ts'
import { nextSteps } from './plan.ts'
import { provision } from './provision.ts'
import { noteTargets, registrationsOf } from './registration.ts'
import type { Slots } from './slots.ts'

export interface LaneOptions extends World {
  readonly arn: string
  readonly taskId: string
  readonly store: Store
  readonly random: Random
  readonly settings: TaskSettings
  readonly publicAddressPool?: string
  /** There is always room when absent. */
  readonly room?: Room
  readonly turnSlots: Slots
  /** Nothing more is to be done about this task. */
  readonly ended: () => void
}

type Loaded = Pick<Facts, 'task' | 'isRecorded' | 'definition' | 'networkInterface' | 'vpcCidr' | 'registrations'>

/** What is known and not durable yet. */
interface Unsaved {
  readonly task: TaskRecord
  readonly released: NetworkInterfaceRecord | undefined
}

interface UnderWay {
  readonly abort: AbortController
  /** False while it waits to be tried again: then nothing of it is happening. */
  isActive: boolean
}

/** A reason of our own: making the default one costs more than what it ends. */
const ENDED = 'the lane has ended'

export class TaskLane {
  readonly #options: LaneOptions
  readonly #underWay = new Map<string, UnderWay>()
  readonly #promises = new Set<Promise<void>>()
  #notes: Notes = NO_NOTES
  #unsaved: Unsaved | undefined
  #isSaving = false
  #isWoken = false
  #isTurning = false
  #isEnded = false
  /** Aborted when the lane ends: nothing of it sleeps on. */
  readonly #life = new AbortController()
  readonly #attempts = new Map<string, number>()
  /** How often each step has succeeded since the record last changed. */
  readonly #successes = new Map<string, number>()
  readonly #timer: Timer

  constructor(options: LaneOptions) {
    this.#options = options
    this.#timer = new Timer({ clock: options.clock, ring: () => this.wake() })
  }

  /** Something may have changed. */
  wake(): void {
    this.#isWoken = true
    if (this.#isTurning || this.#isEnded) return
    this.#isTurning = true
    this.#track(this.#turns())
  }

  /** Decides nothing more, and breaks off what can be broken off. */
  end(): void {
    this.#isEnded = true
    this.#life.abort(ENDED)
    this.#timer.set(undefined)
    for (const { abort } of this.#underWay.values()) abort.abort()
  }

  /** Resolves when nothing is under way any more; only of use after end(). */
  async drained(): Promise<void> {
    while (this.#promises.size > 0) await Promise.allSettled(this.#promises)
  }

  #track(promise: Promise<void>): void {
    this.#promises.add(promise)
    void promise.finally(() => this.#promises.delete(promise))
  }

  async #turns(): Promise<void> {
    const { clock, random, turnSlots } = this.#options
    for (let failures = 0; this.#isWoken && !this.#isEnded;) {
      this.#isWoken = false
      try {
        await turnSlots.run(() => this.#turn())
        failures = 0
      } catch (error) {
        this.#isWoken = true
        this.#tell(error, { attempts: ++failures })
        await clock.sleep(backoffSeconds(failures, random, BACKOFF), this.#life.signal)
      }
    }
    this.#isTurning = false
  }

  async #turn(): Promise<void> {
    const { engine, clock, taskId } = this.#options
    // Before the engine is asked: what ends while it answers is still counted as under way.
    const active = [...this.#underWay].filter(([, { isActive }]) => isActive)
    const inFlight = new Set(active.map(([key]) => key))
    const notes = this.#notes
    const loaded = await this.#load()
    if (loaded === undefined) return this.#finish()
    // Only its being written is left to do.
    if (isStopped(loaded.task)) return
    const seen = await engine.observeTask(taskId)
    if (this.#isEnded) return
    const plan = nextSteps(
      { ...loaded, seen, notes, inFlight, hasRoom: this.#hasRoom(loaded) },
      this.#options.settings,
      clock.now(),
    )
    for (const [key, { abort }] of plan.isWhole ? this.#underWay : []) {
      if (!plan.steps.some((step) => step.key === key)) abort.abort()
    }
    for (const step of plan.steps) if (!this.#underWay.has(step.key)) this.#track(this.#do(step))
    await this.#record(loaded, plan)
    if (!this.#isEnded) this.#timer.set(plan.wakeAt)
  }

  /** What has an interface took its room long ago, perhaps before this control plane was there. */
  #hasRoom({ task }: Loaded): boolean {
    const { room, arn } = this.#options
    return task.status.networkInterfaceId !== undefined || room === undefined || room.isGranted(arn)
  }

  /** Undefined when the task has ended, for everybody to see. */
  async #load(): Promise<Loaded | undefined> {
    return this.#options.store.read(async (reader) => {
      const row = await reader.get(tasks, this.#options.arn)
      if (row === undefined || isStopped(row)) return undefined
      const definition = await reader.get(taskDefinitions, row.spec.taskDefinitionArn)
      if (definition === undefined) throw new Error(`${row.arn} has no task definition any more`)
      const key = interfaceKey(row)
      const networkInterface = key === undefined ? undefined : await reader.get(networkInterfaces, key)
      const vpc =
        networkInterface === undefined
          ? undefined
          : await reader.get(vpcs, ec2Key(row.scope, networkInterface.spec.vpcId))
      const task = this.#unsaved === undefined ? row : { ...row, status: this.#unsaved.task.status }
      const registrations = await registrationsOf(reader, row)
      const isRecorded = this.#unsaved === undefined
      return { task, isRecorded, definition, networkInterface, vpcCidr: vpc?.cidrs[0], registrations }
    })
  }

  async #record({ task, definition, networkInterface }: Loaded, plan: Plan): Promise<void> {
    const released = this.#unsaved?.released ?? (plan.releaseInterface ? networkInterface : undefined)
    if (plan.task !== task || released !== this.#unsaved?.released) {
      this.#unsaved = { task: plan.task, released }
      // Beside the next turns: a launch does not wait for the disk to know what it is doing.
      if (!this.#isSaving) this.#track(this.#save())
    }
    if (!plan.provision) return
    const reason = await provision(this.#options, task.arn, definition)
    if (reason !== undefined) this.#notes = noted(this.#notes, { what: 'task-failed', reason })
    this.#isWoken = true
  }

  /** Writes what is unsaved until nothing is; what comes meanwhile is written together. */
  async #save(): Promise<void> {
    const { clock, random } = this.#options
    this.#isSaving = true
    for (let failures = 0; this.#unsaved !== undefined && !(failures > 0 && this.#isEnded);) {
      const saving = this.#unsaved
      try {
        await this.#commit(saving)
        failures = 0
        if (this.#unsaved === saving) this.#unsaved = undefined
      } catch (error) {
        this.#tell(error, { step: 'record', attempts: ++failures })
        await clock.sleep(backoffSeconds(failures, random, BACKOFF), this.#life.signal)
      }
    }
    this.#isSaving = false
    this.wake()
  }

  /** Only this lane writes the task's status, so what was decided on it still stands. */
  async #commit({ task, released }: Unsaved): Promise<void> {
    this.#successes.clear()
    await this.#options.store.write(async (tx) => {
      const current = await tx.get(tasks, task.arn)
      if (current !== undefined && current.status.version !== task.status.version) {
        const written = { ...current, status: task.status }
        await tx.put(tasks, written)
        await noteTargets(tx, current, written, this.#options.clock)
      }
      const key = released === undefined ? undefined : networkInterfaces.key(released)
      const row = key === undefined ? undefined : await tx.get(networkInterfaces, key)
      if (row !== undefined) await tx.put(networkInterfaces, releasedInterface(row))
    })
  }

  async #do(step: Step): Promise<void> {
    const underWay: UnderWay = { abort: new AbortController(), isActive: true }
    const { signal } = underWay.abort
    this.#underWay.set(step.key, underWay)
    try {
      for (const notice of await carryOut(step, this.#options, signal)) this.#notes = noted(this.#notes, notice)
      this.#attempts.delete(step.key)
      underWay.isActive = false
      await this.#rest(step, signal)
    } catch (error) {
      underWay.isActive = false
      // Nobody wants it any more, so nobody minds that it was broken off.
      if (signal.aborted) this.#attempts.delete(step.key)
      else await this.#failed(step, error, signal)
    }
    this.#underWay.delete(step.key)
    this.wake()
  }

  /** A step that succeeds again and again, and changes nothing that is seen, must not spin. */
  async #rest(step: Step, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options
    // These are asked for by time, not by what is seen.
    if (step.do === 'check-health' || step.do === 'signal') return
    const name = `${step.do} ${step.key}`
    const successes = (this.#successes.get(name) ?? 0) + 1
    this.#successes.set(name, successes)
    if (successes === 1) return
    this.wake()
    await clock.sleep(backoffSeconds(successes - 1, random, BACKOFF), signal)
  }

  /** Resolves when the step may be decided on again. */
  async #failed(step: Step, error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options
    const attempts = (this.#attempts.get(step.key) ?? 0) + 1
    this.#attempts.set(step.key, attempts)
    this.#tell(error, { step: step.key, attempts })
    const fault = isFault(error) ? error : new Fault('failed', 'internal error', { cause: error })
    const notice = failureNotice(step, fault, attempts)
    if (notice !== undefined) {
      this.#notes = noted(this.#notes, notice)
      return
    }
    // It is resting, not happening: whoever waits for it to be over need not wait longer.
    this.wake()
    await clock.sleep(backoffSeconds(attempts, random, BACKOFF), signal)
  }

  #finish(): void {
    if (this.#isEnded) return
    this.end()
    this.#options.ended()
  }

  #tell(error: unknown, fields: LogFields): void {
    const { log, arn } = this.#options
    if (isFault(error)) log.warn('task-fault', { task: arn, ...fields, kind: error.kind, reason: error.message })
    else log.bug('task-bug', error, { task: arn, ...fields })
  }
}

/** The interface whose address the task has; kept in mind until its row is gone. */
const interfaceKey = (task: TaskRecord): string | undefined =>
  task.status.networkInterfaceId === undefined ? undefined : ec2Key(task.scope, task.status.networkInterfaceId)
