// What the service controller asks of parts that it does not know: each is handed in, and must answer at once, because
// it is asked within a turn's transaction.

import type { LifecycleStage, ServiceDeploymentRecord } from '#apis/ecs/model/service-deployment.ts'
import type { Scope } from '#aws/scope.ts'

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

/** A lifecycle hook that is to be asked. */
export interface HookCall {
  readonly hookId: string
  readonly stage: LifecycleStage
  readonly deployment: ServiceDeploymentRecord
  readonly targetArn: string
  /** As the configuration has them, for the hook to read. */
  readonly details: unknown
  /** Percent of the traffic by revision; empty outside of the stages that shift it. */
  readonly testWeights: Readonly<Record<string, number>>
  readonly productionWeights: Readonly<Record<string, number>>
}

export interface HookAnswer {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'IN_PROGRESS'
  /** Of IN_PROGRESS: when to ask again. Milliseconds since 1970. */
  readonly askAgainAt?: number
}

/** Asks one hook, once; may be asked again for the same after a crash. */
export type AskHook = (call: HookCall) => Promise<HookAnswer>

const nothingToWatch = (): (() => void) => () => {}

/** Nothing can be asked: a deployment with hooks goes back. */
export const NO_HOOKS: AskHook = async () => ({ status: 'FAILED' })
export const NO_ALARMS: Alarms = { state: () => undefined, watch: nothingToWatch }
