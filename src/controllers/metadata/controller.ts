// Keeps the metadata endpoint's documents equal to the tasks' records: woken by every change, idle otherwise.

import { ec2Key, networkInterfaces, subnets, vpcs } from '#apis/ec2/tables.ts'
import { isStopped, type TaskRecord } from '#apis/ecs/model/task.ts'
import { taskDefinitions, tasks, unfinishedTasks } from '#apis/ecs/tables.ts'
import { aborted } from '#base/aborted.ts'
import { backoffSeconds } from '#base/backoff.ts'
import type { Clock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { Random } from '#base/random.ts'
import type { Reader, Store } from '#store/store.ts'
import { BACKOFF } from './limits.ts'
import { nextStep, type TaskFacts } from './plan.ts'
import type { MetadataPlace, MetadataSink } from './sink.ts'

interface Options {
  readonly store: Store
  readonly sink: MetadataSink
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

interface Told {
  readonly place: MetadataPlace
  readonly text: string
}

export class MetadataController {
  readonly #options: Options
  readonly #told = new Map<string, Told>()
  /** ARNs of tasks that have changed since they were looked at. */
  #changed = new Set<string>()
  #wake: () => void = () => {}

  constructor(options: Options) {
    this.#options = options
  }

  async run(signal: AbortSignal): Promise<void> {
    const { store, clock, random } = this.#options
    const unwatch = store.watch([tasks], (changes) => {
      for (const { key } of changes) this.#changed.add(key)
      this.#wake()
    })
    try {
      for (const task of await store.read(unfinishedTasks)) this.#changed.add(task.arn)
      for (let failures = 0; !signal.aborted;) {
        const arns = [...this.#changed]
        this.#changed = new Set()
        // Together, so that a sink that has just been opened learns of all tasks at once.
        const done = await Promise.all(arns.map((arn) => this.#tried(arn)))
        failures = done.every(Boolean) ? 0 : failures + 1
        if (failures > 0) await clock.sleep(backoffSeconds(failures, random, BACKOFF), signal)
        else await this.#changeOf(signal)
      }
    } finally {
      unwatch()
    }
  }

  /** Resolves when a task has changed. */
  async #changeOf(signal: AbortSignal): Promise<void> {
    if (this.#changed.size > 0 || signal.aborted) return
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    await aborted(signal, woken.signal)
  }

  async #tried(arn: string): Promise<boolean> {
    try {
      await this.#tell(arn)
      return true
    } catch (error) {
      const { log } = this.#options
      if (isFault(error)) log.warn('metadata-fault', { task: arn, kind: error.kind, reason: error.message })
      else log.bug('metadata-bug', error, { task: arn })
      this.#changed.add(arn)
      return false
    }
  }

  async #tell(arn: string): Promise<void> {
    const { store, sink } = this.#options
    const facts = await store.read((reader) => taskFacts(reader, arn))
    const told = this.#told.get(arn)
    const step = nextStep(facts, told?.place)
    if (step.do === 'rest') return
    if (step.do === 'remove') {
      await sink.remove(step.place)
      this.#told.delete(arn)
      return
    }
    const text = JSON.stringify(step.document)
    if (told?.text === text) return
    await sink.set(step.place, step.document)
    this.#told.set(arn, { place: step.place, text })
  }
}

/** Undefined for a task that has stopped, or that has no address yet. */
const taskFacts = async (reader: Reader, arn: string): Promise<TaskFacts | undefined> => {
  const task: TaskRecord | undefined = await reader.get(tasks, arn)
  if (task === undefined || isStopped(task) || task.status.networkInterfaceId === undefined) return undefined
  const networkInterface = await reader.get(networkInterfaces, ec2Key(task.scope, task.status.networkInterfaceId))
  if (networkInterface === undefined) return undefined
  const { subnetId, vpcId } = networkInterface.spec
  const definition = await reader.get(taskDefinitions, task.spec.taskDefinitionArn)
  const subnet = await reader.get(subnets, ec2Key(task.scope, subnetId))
  const vpc = await reader.get(vpcs, ec2Key(task.scope, vpcId))
  if (definition === undefined || subnet === undefined || vpc === undefined) return undefined
  return { task, definition, networkInterface, subnet, vpc }
}
