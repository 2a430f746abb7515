// Blue/green, linear and canary deployments: the new revision comes up in full beside the old one, then the traffic goes
// over, at once or in steps, and only then the old one goes. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html

import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import type { LifecycleStage, ServiceDeploymentRecord } from '#apis/ecs/model/service-deployment.ts'
import { servingRevision } from '#apis/ecs/model/revision-targets.ts'
import { deploymentIdOf, type ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import { milliseconds } from '#aws/time.ts'
import { failedOnce } from './breaker.ts'
import { beginDeployments, failDeployment, heedStop, HOOK_FAILURE, RULE_FAILURE } from './deployment.ts'
import type { Draft } from './draft.ts'
import { isKept, keepGroup } from './group.ts'
import { heedHooks } from './hooks.ts'
import { rolling, watchOver } from './rolling.ts'
import { isLive, type Member } from './standing.ts'
import { tellImpairment } from './starting.ts'
import { tellWaiting } from './waiting.ts'

/** In their order. What follows BAKE_TIME, CLEAN_UP, is a rolling deployment's end. */
const STAGES: readonly LifecycleStage[] = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'SCALE_UP',
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
  'BAKE_TIME',
  'CLEAN_UP',
]

const ALL = 100
const LINEAR_STEP = 10
const CANARY_STEP = 5
const LINEAR_BAKE_MINUTES = 6
const CANARY_BAKE_MINUTES = 10

interface Stand {
  readonly draft: Draft
  readonly deployment: ServiceDeploymentRecord
  readonly green: ServiceRevisionRecord
  /** The revision whose tasks serve until the traffic has gone over; there is none the first time. */
  readonly blue: ServiceRevisionRecord | undefined
  readonly greens: readonly Member[]
  readonly blues: readonly Member[]
  readonly stage: LifecycleStage
}

/** The share of the traffic that the new revision has after so many shifts, in percent. */
const weightAfter = (configuration: DeploymentConfiguration, shifts: number): number => {
  switch (configuration.strategy) {
    case 'LINEAR':
      return Math.min(ALL, (configuration.linearConfiguration?.stepPercent ?? LINEAR_STEP) * shifts)
    case 'CANARY':
      return shifts <= 1 ? (configuration.canaryConfiguration?.canaryPercent ?? CANARY_STEP) : ALL
    default:
      return ALL
  }
}

const stepBakeMinutes = (configuration: DeploymentConfiguration): number =>
  configuration.strategy === 'LINEAR'
    ? (configuration.linearConfiguration?.stepBakeTimeInMinutes ?? LINEAR_BAKE_MINUTES)
    : (configuration.canaryConfiguration?.canaryBakeTimeInMinutes ?? CANARY_BAKE_MINUTES)

export const shifting = (draft: Draft): void => {
  beginDeployments(draft)
  heedStop(draft)
  watchOver(draft)
  const stand = standOf(draft)
  // Between deployments, on the way back, and when only the old tasks are left to be stopped.
  if (stand === undefined) {
    giveTrafficToPrimary(draft)
    return rolling(draft)
  }
  keep(stand)
  advance(stand)
  draft.setStatus({ isSteady: false })
  tellImpairment(draft)
  tellWaiting(draft)
}

const giveTraffic = (draft: Draft, to: string): void => {
  for (const { arn } of draft.revisions.values()) {
    const weight = arn === to ? ALL : 0
    draft.setRollout(arn, { productionWeight: weight, testWeight: weight })
  }
}

/**
 * Where a rolling deployment follows one that shifted traffic, or goes back behind it, its tasks may be in the other
 * target group: the traffic goes to them when nobody else is left to serve.
 */
export const followTasks = (draft: Draft): void => {
  const { primary } = draft
  const weighted = [...draft.revisions.values()].filter(({ rollout }) => (rollout.productionWeight ?? 0) > 0)
  if (primary === undefined || weighted.length === 0) return
  const serving = weighted.length === 1 ? weighted[0] : servingRevision([...draft.revisions.values()])
  const hasTasks = (arn: string | undefined): boolean =>
    draft.members.some(
      (member) => member.task.owner?.revisionArn === arn && isLive(member) && !draft.isStopping(member),
    )
  const to = !hasTasks(serving?.arn) && hasTasks(primary.arn) ? primary : serving
  if (to !== undefined && (weighted.length > 1 || to !== serving)) giveTraffic(draft, to.arn)
}

/** Also on the way back. Where nothing has shifted any traffic yet there is nothing to say. */
const giveTrafficToPrimary = (draft: Draft): void => {
  const { primary } = draft
  if (primary === undefined || ![...draft.revisions.values()].some(({ rollout }) => rollout.productionWeight)) return
  giveTraffic(draft, primary.arn)
}

const standOf = (draft: Draft): Stand | undefined => {
  const { deployment, primary } = draft
  if (deployment?.progress.state !== 'IN_PROGRESS' || primary?.arn !== deployment.spec.targetRevisionArn)
    return undefined
  if (deployment.progress.lifecycleStage === 'CLEAN_UP') return undefined
  const sources = deployment.spec.sourceRevisionArns.flatMap((arn) => draft.revisions.get(arn) ?? [])
  const blue = servingRevision(sources.filter(({ arn }) => arn !== primary.arn))
  const ofRevision = (arn: string | undefined): Member[] =>
    draft.members.filter(({ task }) => arn !== undefined && task.owner?.revisionArn === arn)
  const known = deployment.progress.lifecycleStage
  const first: LifecycleStage = sources.length > 1 ? 'RECONCILE_SERVICE' : 'PRE_SCALE_UP'
  return {
    draft,
    deployment,
    green: primary,
    blue,
    greens: ofRevision(primary.arn),
    blues: ofRevision(blue?.arn),
    stage: known ?? first,
  }
}

const isAtLeast = (stage: LifecycleStage, other: LifecycleStage): boolean =>
  STAGES.indexOf(stage) >= STAGES.indexOf(other)

/** The old revision serves in full all the while, and the new one from SCALE_UP on. */
const keep = ({ draft, green, blue, greens, blues, stage }: Stand): void => {
  const { desiredCount } = draft.service.spec
  const reason = `Scaling activity initiated by (deployment ${deploymentIdOf(green)})`
  const aim = isAtLeast(stage, 'SCALE_UP') ? desiredCount : 0
  for (const _ of keepGroup(draft, green.arn, greens, aim, reason)) failedOnce(draft, green.arn, 'health')
  draft.setRollout(green.arn, { desiredCount: aim })
  if (blue !== undefined) {
    keepGroup(draft, blue.arn, blues, desiredCount, reason)
    draft.setRollout(blue.arn, { desiredCount })
    // The new revision's group is known to the load balancer before the first task is in it.
    if (!isAtLeast(stage, 'TEST_TRAFFIC_SHIFT')) giveTraffic(draft, blue.arn)
  }
  // What older deployments have left.
  const strays = draft.members.filter((member) => !greens.includes(member) && !blues.includes(member))
  for (const member of strays) draft.stop(member, reason)
}

/** To the next stage, when everything that belongs to this one is done. */
const advance = (stand: Stand): void => {
  const { draft, deployment, stage } = stand
  if (deployment.progress.lifecycleStage === undefined) return enter(stand, stage)
  if (draft.facts.missingRules.length > 0) return failDeployment(draft, { ...RULE_FAILURE, rollback: true })
  const isActed = act(stand)
  const verdict = heedHooks(draft, deployment, stage)
  if (verdict === 'failed') return failDeployment(draft, { ...HOOK_FAILURE, rollback: true })
  if (!isActed || verdict === 'waiting') return
  const { configuration } = deployment.spec
  const { step } = deployment.progress
  if (stage === 'PRODUCTION_TRAFFIC_SHIFT' && hasOld(stand) && weightAfter(configuration, step + 1) < ALL) {
    if (isOver(stand, stepBakeMinutes(configuration))) enter(stand, 'PRE_PRODUCTION_TRAFFIC_SHIFT', step + 1)
    return
  }
  enter(stand, STAGES[STAGES.indexOf(stage) + 1] ?? 'CLEAN_UP')
}

const enter = ({ draft, deployment }: Stand, stage: LifecycleStage, step = deployment.progress.step): void =>
  draft.setProgress(deployment.arn, { lifecycleStage: stage, stageSince: draft.at, step })

const hasOld = ({ blue }: Stand): boolean => blue !== undefined

/** Since this stage, or the shift in it, began. */
const isOver = ({ draft, deployment }: Stand, minutes: number): boolean => {
  const endsAt = milliseconds(deployment.progress.stageSince ?? draft.at) + minutes * 60_000
  draft.wakeBy(endsAt)
  return draft.now >= endsAt
}

/** Does what the stage is for. True when it is done. */
const act = (stand: Stand): boolean => {
  const { draft, deployment, green, blue, greens, blues, stage } = stand
  const { configuration } = deployment.spec
  switch (stage) {
    case 'RECONCILE_SERVICE':
      return draft.members.length === greens.length + blues.length
    case 'SCALE_UP':
      return isKept(draft, greens, draft.service.spec.desiredCount)
    case 'TEST_TRAFFIC_SHIFT':
      draft.setRollout(green.arn, { testWeight: ALL })
      if (blue !== undefined) draft.setRollout(blue.arn, { testWeight: 0 })
      return true
    case 'PRODUCTION_TRAFFIC_SHIFT': {
      const weight = hasOld(stand) ? weightAfter(configuration, deployment.progress.step + 1) : ALL
      draft.setRollout(green.arn, { productionWeight: weight })
      if (blue !== undefined) draft.setRollout(blue.arn, { productionWeight: ALL - weight })
      return true
    }
    case 'BAKE_TIME':
      return !hasOld(stand) || isOver(stand, configuration.bakeTimeInMinutes ?? 0)
    default:
      return true
  }
}
