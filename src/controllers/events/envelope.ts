// An event as EventBridge carries it. Pure.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html

import type { Scope } from '#aws/scope.ts'
import type { NewEvent } from '#telemetry/events/event-store.ts'

export type DetailType =
  | 'ECS Task State Change'
  | 'ECS Service Action'
  | 'ECS Deployment State Change'
  | 'CodeDeploy Deployment State-change Notification'

/** What is told, before it has an id. */
export interface Told {
  readonly scope: Scope
  readonly source: 'aws.ecs' | 'aws.codedeploy'
  readonly detailType: DetailType
  /** ARNs. */
  readonly resources: readonly string[]
  readonly detail: object
  /** Beside the resources, what the event can be found by. */
  readonly about: readonly string[]
  readonly state: { readonly of: string; readonly version: number }
}

export const eventOf = (told: Told, at: Date, id: string): NewEvent => ({
  account: told.scope.account,
  at: at.getTime(),
  subjects: [...told.resources, ...told.about],
  state: told.state,
  text: JSON.stringify({
    version: '0',
    id,
    'detail-type': told.detailType,
    source: told.source,
    account: told.scope.account,
    // EventBridge tells whole seconds.
    time: `${at.toISOString().slice(0, 19)}Z`,
    region: told.scope.region,
    resources: told.resources,
    detail: told.detail,
  }),
})
