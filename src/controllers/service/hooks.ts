// Lifecycle hooks: what a deployment waits for at a stage before it goes on. Pure; the lane makes the calls.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html

import type { DeploymentLifecycleHook } from '@aws-sdk/client-ecs'
import type { HookProgress, LifecycleStage, ServiceDeploymentRecord } from '#apis/ecs/model/service-deployment.ts'
import { milliseconds, timeText } from '#aws/time.ts'
import type { Draft } from './draft.ts'
import { HOOK_TIMEOUT_MINUTES } from './limits.ts'

/** What stands between a deployment and its next stage. */
export type HookVerdict = 'done' | 'waiting' | 'failed'

const belongsTo = ({ lifecycleStages = [] }: DeploymentLifecycleHook, stage: LifecycleStage): boolean =>
  lifecycleStages.includes(stage as (typeof lifecycleStages)[number])

/** Follows from where it stands, so that a turn that is repeated names it alike. */
const hookIdOf = ({ arn }: ServiceDeploymentRecord, stage: LifecycleStage, step: number, index: number): string =>
  `${arn.slice(arn.lastIndexOf('/') + 1)}-${stage.toLowerCase().replaceAll('_', '-')}-${step}-${index}`

const begun = (draft: Draft, hook: DeploymentLifecycleHook, place: Pick<HookProgress, 'hookId' | 'stage' | 'step'>) => {
  const { timeoutInMinutes = HOOK_TIMEOUT_MINUTES, action = 'ROLLBACK' } = hook.timeoutConfiguration ?? {}
  const isPause = hook.targetType === 'PAUSE'
  return {
    ...place,
    targetType: hook.targetType ?? 'AWS_LAMBDA',
    ...(hook.hookTargetArn === undefined ? {} : { targetArn: hook.hookTargetArn }),
    status: isPause ? 'AWAITING_ACTION' : 'IN_PROGRESS',
    startedAt: draft.at,
    expiresAt: timeText(draft.now + timeoutInMinutes * 60_000),
    timeoutAction: action,
  } as const satisfies HookProgress
}

/** The hook as it stands now: asked, answered or out of time. */
const advanced = (draft: Draft, deployment: ServiceDeploymentRecord, hook: HookProgress): HookProgress => {
  if (hook.status !== 'AWAITING_ACTION' && hook.status !== 'IN_PROGRESS') return hook
  const expiresAt = milliseconds(hook.expiresAt ?? '')
  if (draft.now >= expiresAt) return { ...hook, status: 'TIMED_OUT' }
  draft.wakeBy(expiresAt)
  if (hook.targetType === 'PAUSE') {
    const answer = deployment.spec.answers[hook.hookId]
    return answer === undefined ? hook : { ...hook, status: answer === 'CONTINUE' ? 'SUCCEEDED' : 'FAILED' }
  }
  const answer = draft.facts.hookAnswers.get(hook.hookId)
  if (answer !== undefined && answer.status !== 'IN_PROGRESS') return { ...hook, status: answer.status }
  if (answer?.askAgainAt !== undefined && draft.now < answer.askAgainAt) {
    draft.wakeBy(answer.askAgainAt)
    return hook
  }
  draft.calls.push({
    hookId: hook.hookId,
    stage: hook.stage,
    deployment,
    targetArn: hook.targetArn ?? '',
    details: detailsOf(deployment, hook),
    testWeights: hook.stage === 'TEST_TRAFFIC_SHIFT' ? weights(draft, 'testWeight') : {},
    productionWeights: hook.stage === 'PRODUCTION_TRAFFIC_SHIFT' ? weights(draft, 'productionWeight') : {},
  })
  return hook
}

const detailsOf = ({ spec }: ServiceDeploymentRecord, { targetArn }: HookProgress): unknown =>
  spec.configuration.lifecycleHooks?.find(({ hookTargetArn }) => hookTargetArn === targetArn)?.hookDetails

const weights = (draft: Draft, kind: 'testWeight' | 'productionWeight'): Record<string, number> =>
  Object.fromEntries(
    [...draft.revisions.values()].flatMap(({ arn, rollout }) =>
      rollout[kind] === undefined ? [] : [[arn, rollout[kind]]],
    ),
  )

const passes = ({ status, timeoutAction }: HookProgress): HookVerdict => {
  if (status === 'SUCCEEDED' || (status === 'TIMED_OUT' && timeoutAction === 'CONTINUE')) return 'done'
  return status === 'FAILED' || status === 'TIMED_OUT' ? 'failed' : 'waiting'
}

/** Begins the stage's hooks, notes what has become of them, and says whether the deployment may go on. */
export const heedHooks = (draft: Draft, deployment: ServiceDeploymentRecord, stage: LifecycleStage): HookVerdict => {
  const { step, hooks } = deployment.progress
  const configured = (deployment.spec.configuration.lifecycleHooks ?? []).filter((hook) => belongsTo(hook, stage))
  if (configured.length === 0) return 'done'
  const mine = configured.map((hook, index) => {
    const hookId = hookIdOf(deployment, stage, step, index)
    const known = hooks.find((one) => one.hookId === hookId) ?? begun(draft, hook, { hookId, stage, step })
    return advanced(draft, deployment, known)
  })
  const others = hooks.filter(({ hookId }) => !mine.some((one) => one.hookId === hookId))
  draft.setProgress(deployment.arn, { hooks: [...others, ...mine] })
  const verdicts = mine.map(passes)
  if (verdicts.includes('failed')) return 'failed'
  return verdicts.every((verdict) => verdict === 'done') ? 'done' : 'waiting'
}
