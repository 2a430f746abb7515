// What a listener or rule does with a request, as a record.

import type { TargetGroupArn } from '#aws/arn.ts'

export interface WeightedTargetGroup {
  readonly arn: TargetGroupArn
  /** 0 to 999; a group's share is its weight over the sum of all. */
  readonly weight: number
}

export interface ForwardAction {
  readonly type: 'forward'
  readonly order?: number
  /** One to five. */
  readonly targetGroups: readonly WeightedTargetGroup[]
  /** Of the choice between groups; the stickiness of targets is an attribute of their group. */
  readonly stickiness?: { readonly enabled: boolean; readonly durationSeconds?: number }
}

/** #{protocol}, #{host}, #{port}, #{path} (without its leading slash) and #{query} stand for the request's own parts. */
export interface RedirectAction {
  readonly type: 'redirect'
  readonly order?: number
  /** "HTTP", "HTTPS" or "#{protocol}" */
  readonly protocol: string
  /** A number or "#{port}". */
  readonly port: string
  readonly host: string
  /** Starts with a slash. */
  readonly path: string
  /** Without the question mark. */
  readonly query: string
  readonly statusCode: 'HTTP_301' | 'HTTP_302'
}

export interface FixedResponseAction {
  readonly type: 'fixed-response'
  readonly order?: number
  /** e.g. "503" */
  readonly statusCode: string
  readonly contentType?: string
  readonly messageBody?: string
}

export type ActionRecord = ForwardAction | RedirectAction | FixedResponseAction

/** The same actions, whose last one now forwards to these groups; how it keeps clients with a group stays. */
export const forwardingTo = (
  actions: readonly ActionRecord[],
  targetGroups: readonly WeightedTargetGroup[],
): readonly ActionRecord[] => {
  const last = actions.at(-1)
  const forward: ForwardAction =
    last?.type === 'forward' ? { ...last, targetGroups } : { type: 'forward', targetGroups }
  return [...actions.slice(0, -1), forward]
}

/** The groups that these actions send requests to. */
export const targetGroupsOf = (actions: readonly ActionRecord[]): TargetGroupArn[] =>
  actions.flatMap((action) => (action.type === 'forward' ? action.targetGroups.map(({ arn }) => arn) : []))
