// What one turn decides, while it is being decided: the rows as they will be, and what is to be done after. Lives for one
// turn; nothing of it is durable before the turn's transaction is.

import type { AutoRollbackEvent } from '@aws-sdk/client-codedeploy'
import {
  type DeploymentError,
  type DeploymentProgress,
  type DeploymentRecord,
  isShift,
  type Shift,
} from '#apis/codedeploy/model/deployment.ts'
import { type EventName, type LifecycleEventRecord, type Stage, STAGES } from '#apis/codedeploy/model/lifecycle.ts'
import type { TaskSetRecord } from '#apis/ecs/model/task-set.ts'
import type { TaskSetArn } from '#aws/arn.ts'
import type { Facts } from './facts.ts'
import type { DeploymentHookCall } from './hooks.ts'
import { type Groups, type Route, shifted } from './traffic.ts'

export class Draft {
  readonly facts: Facts
  /** ISO 8601. */
  readonly at: string
  readonly now: number
  deployment: DeploymentRecord
  readonly taskSets: Map<string, TaskSetRecord>
  production: Route | undefined
  test: Route | undefined
  /** The replacement task set is to be made. */
  installs = false
  /** A deployment that gives the traffic back is to be made. */
  rollsBack = false
  /** A hook to be invoked once this turn is durable. */
  call: DeploymentHookCall | undefined
  /** When to decide again although nothing happened. Milliseconds since 1970. */
  wakeAt: number | undefined

  constructor(facts: Facts) {
    this.facts = facts
    this.at = facts.now.toISOString()
    this.now = facts.now.getTime()
    this.deployment = facts.deployment
    this.taskSets = new Map(facts.taskSets.map((set) => [set.arn, set]))
    this.production = facts.production
    this.test = facts.test
  }

  get progress(): DeploymentProgress {
    return this.deployment.progress
  }

  /** Never asked of a deployment that has none: it has failed before. */
  get shift(): Shift {
    const { shift } = this.deployment.spec
    if (!isShift(shift)) throw new Error(`${this.deployment.id} has nothing to shift`)
    return shift
  }

  get groups(): Groups {
    const { original, replacement } = this.shift
    return { original: original.targetGroupArn, replacement: replacement.targetGroupArn }
  }

  /** The task set that this deployment, or the one that it undoes, has made. */
  get replacement(): TaskSetRecord | undefined {
    const { spec } = this.deployment
    return this.taskSets.get(spec.undoes?.replacementArn ?? this.progress.replacementArn ?? '')
  }

  setProgress(change: Partial<DeploymentProgress>): void {
    const progress = { ...this.progress, ...change, updatedAt: this.at }
    this.deployment = { ...this.deployment, progress }
  }

  event(name: EventName): LifecycleEventRecord | undefined {
    return this.progress.events.find((event) => event.name === name)
  }

  setEvent(name: EventName, change: Partial<LifecycleEventRecord>): void {
    const events = this.progress.events.map((event) => (event.name === name ? { ...event, ...change } : event))
    this.setProgress({ events })
  }

  /** On to the next stage that this deployment has. */
  advance(): void {
    const isPart = (stage: Stage): boolean =>
      stage === 'ReadyWait' ||
      stage.startsWith('Terminat') ||
      this.progress.events.some(({ name, status }) => name === stage && status !== 'Skipped')
    const next = STAGES.slice(STAGES.indexOf(this.progress.stage) + 1).find(isPart)
    if (next === undefined) throw new Error(`${this.deployment.id} has no stage after ${this.progress.stage}`)
    this.setProgress({ stage: next, stageSince: this.at, state: 'InProgress' })
  }

  shiftProduction(percent: number): void {
    if (this.production === undefined) return
    this.production = shifted(this.production, this.groups, percent)
    if (this.progress.productionPercent !== percent) this.setProgress({ productionPercent: percent })
  }

  shiftTest(percent: number): void {
    if (this.test !== undefined) this.test = shifted(this.test, this.groups, percent)
  }

  makePrimary(arn: TaskSetArn): void {
    for (const set of this.taskSets.values()) {
      const isPrimary = set.arn === arn
      if (set.spec.isPrimary !== isPrimary) this.taskSets.set(set.arn, { ...set, spec: { ...set.spec, isPrimary } })
    }
  }

  /** Its tasks are drained and end; the service controller takes it away then. */
  remove(arn: string): void {
    const set = this.taskSets.get(arn)
    if (set === undefined || set.spec.deleteRequestedAt !== undefined) return
    const scale = { unit: 'PERCENT', value: 0 } as const
    this.taskSets.set(arn, { ...set, spec: { ...set.spec, scale, isPrimary: false, deleteRequestedAt: this.at } })
  }

  succeed(): void {
    this.setProgress({ state: 'Succeeded', completedAt: this.at })
  }

  /** Ends it where it stands, and takes it back where that is configured for `event`, or asked for. */
  end(state: 'Failed' | 'Stopped', error: DeploymentError, event: AutoRollbackEvent | boolean): void {
    const { rollback } = this.deployment.spec
    const events = this.progress.events.map((one): LifecycleEventRecord => {
      if (one.status === 'InProgress')
        return { ...one, status: 'Failed', endedAt: this.at, message: one.message ?? error.message }
      return one.status === 'Pending' ? { ...one, status: 'Skipped' } : one
    })
    this.setProgress({ state, error, completedAt: this.at, events })
    const isWanted = typeof event === 'boolean' ? event : rollback?.enabled === true && rollback.events.includes(event)
    this.rollsBack = isWanted && this.progress.replacementArn !== undefined
  }

  fail(error: DeploymentError): void {
    this.end('Failed', error, 'DEPLOYMENT_FAILURE')
  }

  wakeBy(at: number): void {
    if (at > this.now) this.wakeAt = Math.min(at, this.wakeAt ?? at)
  }
}
