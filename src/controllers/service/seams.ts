// What the service controller asks of parts that it does not know: each is handed in, and must answer at once, because
// it is asked within a turn's transaction.

import type { TaskRecord } from '#apis/ecs/model/task.ts'
import type { ServiceArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'

/** `initial`: registered, and not checked often enough yet. */
export type TargetHealth = 'initial' | 'healthy' | 'unhealthy'

/** How the load balancers see tasks. */
export interface Targets {
  /** The worst over its target groups; undefined: no target group has or will have the task. */
  health(task: TaskRecord): TargetHealth | undefined
  /** Calls back whenever an answer for a task of that service has changed. Returns "stop watching". */
  watch(listener: (service: ServiceArn) => void): () => void
}

export interface AlarmReading {
  readonly isInAlarm: boolean
  /** How long the alarm needs to notice something: period times evaluation periods. */
  readonly noticesAfterSeconds: number
}

/** By name; undefined: there is no such alarm, and it does not count. */
export type AlarmReadings = (name: string) => AlarmReading | undefined

/** What is known of CloudWatch alarms. */
export interface Alarms {
  state(scope: Scope, name: string): AlarmReading | undefined
  /** Calls back whenever any answer has changed. Returns "stop watching". */
  watch(listener: () => void): () => void
}

const nothingToWatch = (): (() => void) => () => {}

export const NO_TARGETS: Targets = { health: () => undefined, watch: nothingToWatch }
export const NO_ALARMS: Alarms = { state: () => undefined, watch: nothingToWatch }
