// The lifecycle events of an ECS deployment, in their order. Pure.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html#appspec-hooks-ecs

/** With a test listener; without one, the two of test traffic are not there. */
export const EVENTS = [
  'BeforeInstall',
  'Install',
  'AfterInstall',
  'AllowTestTraffic',
  'AfterAllowTestTraffic',
  'BeforeAllowTraffic',
  'AllowTraffic',
  'AfterAllowTraffic',
] as const
export type EventName = (typeof EVENTS)[number]

export const HOOKABLE = [
  'BeforeInstall',
  'AfterInstall',
  'AfterAllowTestTraffic',
  'BeforeAllowTraffic',
  'AfterAllowTraffic',
] as const satisfies readonly EventName[]
export type HookableEvent = (typeof HOOKABLE)[number]

/** A Lambda function's name or ARN, or the URL of an endpoint, by event. */
export type Hooks = Readonly<Partial<Record<HookableEvent, string>>>

/** Where a deployment stands: at an event, or waiting between and after them. */
export type Stage = EventName | 'ReadyWait' | 'TerminationWait' | 'Termination'

export const STAGES: readonly Stage[] = [
  ...EVENTS.slice(0, 5),
  'ReadyWait',
  ...EVENTS.slice(5),
  'TerminationWait',
  'Termination',
]

export interface LifecycleEventRecord {
  readonly name: EventName
  readonly status: 'Pending' | 'InProgress' | 'Succeeded' | 'Failed' | 'Skipped'
  /** ISO 8601. */
  readonly startedAt?: string
  readonly endedAt?: string
  /** What went wrong. */
  readonly message?: string
  /** Names the hook's execution to its function, which answers with it. */
  readonly hookExecutionId?: string
}
