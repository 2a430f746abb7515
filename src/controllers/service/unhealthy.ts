// Tasks that fail their health checks: replaced first and stopped then, or one by one where there is no room. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html (unhealthy tasks)

import type { TaskRecord } from '#apis/ecs/model/task.ts'
import { milliseconds } from '#aws/time.ts'
import type { Draft } from './draft.ts'
import { containerUnhealthy, targetMissing, targetUnhealthy } from './events.ts'
import { SHORT_LIFE_SECONDS } from './limits.ts'
import { paused } from './pace.ts'
import type { Member } from './standing.ts'
import type { TargetProblem } from './target-health.ts'

const CONTAINER_CHECKS_FAILED = 'Task failed container health checks'
const targetChecksFailed = (group: string): string => `Task failed ELB health checks in (target-group ${group})`

/** Those of `group` that are to be stopped now, when it is to have `aim` tasks and `room` more may be started. */
export const unhealthyToStop = (group: readonly Member[], aim: number, room: number): Member[] => {
  const broken = group.filter(({ standing }) => standing === 'unhealthy')
  if (broken.length === 0) return []
  const healthy = group.filter(({ standing }) => standing === 'healthy').length
  const coming = group.filter(({ standing }) => standing === 'pending' || standing === 'fresh').length
  // Replacements have proven themselves, or have failed like those that they were to replace.
  const surplus = healthy + broken.length - aim
  if (surplus > 0) return broken.slice(0, surplus)
  const isLeaving = group.some(({ standing, occupies }) => standing === 'leaving' && occupies)
  return room <= 0 && coming === 0 && !isLeaving ? broken.slice(0, 1) : []
}

export const stopUnhealthy = (draft: Draft, members: readonly Member[]): void => {
  for (const member of members) {
    const { task, problems = [] } = member
    const [problem] = problems
    const reason = problem === undefined ? CONTAINER_CHECKS_FAILED : targetChecksFailed(problem.target.targetGroupArn)
    draft.stop(member, reason)
    if (problem === undefined) draft.tellFirst(containerUnhealthy(draft.subjectOf(task), task.id))
    if (problem !== undefined) slowDown(draft, task)
    for (const one of problems) draft.tellFirst(toldOf(draft, task, one))
  }
}

/** Where a target group is missing, the next task would be no better at the moment in which it runs. */
const slowDown = (draft: Draft, { createdAt, status }: TaskRecord): void => {
  const { pause } = draft.service.status
  const lived = draft.now - milliseconds(status.startedAt ?? createdAt)
  if (lived < SHORT_LIFE_SECONDS * 1000) draft.setStatus({ pause: paused(pause, createdAt, draft.now) })
}

const toldOf = (draft: Draft, task: TaskRecord, { target, is, reason }: TargetProblem): string => {
  const { id, spec } = task
  const { targetGroupArn: group, containerPort: port } = target
  return is === 'unhealthy'
    ? targetUnhealthy(draft.subjectOf(task), { id, port, group, reason })
    : targetMissing(draft.subject, { id, startedBy: spec.startedBy ?? '', group, reason })
}
