// How a task's load balancers see it: the worst over its target groups, and what is wrong there. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-healthcheck.html

import type { TaskTarget } from '#apis/ecs/model/task-target.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import { HEALTH, type TargetRecord } from '#apis/elbv2/model/target.ts'
import { milliseconds } from '#aws/time.ts'

/** `initial`: to be registered, or not checked often enough yet. */
export type TargetState = 'initial' | 'healthy' | 'unhealthy'

export interface TargetProblem {
  readonly target: TaskTarget
  /** `missing`: it is not registered there any more; `no-group`: there is no such target group any more. */
  readonly is: 'unhealthy' | 'missing' | 'no-group'
  /** Elastic Load Balancing's words for `unhealthy`. */
  readonly reason: string
}

export interface TargetHealth {
  readonly state: TargetState
  /** Since when it is so in all groups. Milliseconds since 1970. */
  readonly since: number
  readonly problems: readonly TargetProblem[]
}

/** What is registered of a service. */
export interface Registrations {
  /** By the task's ARN. */
  readonly byTask: ReadonlyMap<string, readonly TargetRecord[]>
  /** Target groups that the service's tasks name. */
  readonly groups: ReadonlySet<string>
}

const HEALTHY: readonly TargetRecord['status']['state'][] = ['healthy', 'unavailable']

/** Also where nothing sends requests to the group, as to the next one of a blue/green pair: so nothing looks at it. */
const isGood = ({ state, description }: TargetRecord['status']): boolean =>
  HEALTHY.includes(state) || (state === 'unused' && description === HEALTH.notInUse.description)

const isOf =
  (target: TaskTarget) =>
  ({ targetGroupArn, containerPort }: TaskTarget): boolean =>
    targetGroupArn === target.targetGroupArn && containerPort === target.containerPort

const INITIAL: TargetHealth = { state: 'initial', since: 0, problems: [] }

const inGroup = (target: TaskTarget, task: TaskRecord, { byTask, groups }: Registrations): TargetHealth => {
  const problem = (is: TargetProblem['is'], reason: string): TargetHealth => ({
    state: 'unhealthy',
    since: 0,
    problems: [{ target, is, reason }],
  })
  const row = byTask
    .get(task.arn)
    ?.find(({ targetGroupArn, port }) => targetGroupArn === target.targetGroupArn && port === target.containerPort)
  if (!groups.has(target.targetGroupArn)) return problem('no-group', 'TARGET GROUP IS NOT FOUND')
  if (row === undefined && task.owner?.refusedBy?.some(isOf(target)) === true) return INITIAL
  if (row === undefined) return problem('missing', 'TARGET IS NOT FOUND')
  const { state, description = '', since } = row.status
  // Somebody has deregistered it: it will not come back by itself.
  if (row.spec.deregisteredAt !== undefined) return problem('unhealthy', 'Target deregistration is in progress')
  if (state === 'initial') return INITIAL
  if (isGood(row.status)) return { state: 'healthy', since: milliseconds(since), problems: [] }
  return problem('unhealthy', description)
}

/** Undefined: no target group has or will have the task. */
export const targetHealthOf = (task: TaskRecord, registrations: Registrations): TargetHealth | undefined => {
  const targets = task.owner?.targets
  if (targets === undefined) return undefined
  if (task.status.registeredAt === undefined) return INITIAL
  const all = targets.map((target) => inGroup(target, task, registrations))
  const problems = all.flatMap((one) => one.problems)
  if (problems.length > 0) return { state: 'unhealthy', since: 0, problems }
  if (all.some(({ state }) => state === 'initial')) return INITIAL
  return { state: 'healthy', since: Math.max(...all.map(({ since }) => since)), problems: [] }
}
