// What a deployment needs next: every decision about it, from its rows. One step a turn. Pure.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html

import { percentAfter } from '#apis/codedeploy/model/deployment-config.ts'
import { balancerError, type DeploymentError, isOver, isShift } from '#apis/codedeploy/model/deployment.ts'
import type { HookableEvent, Stage } from '#apis/codedeploy/model/lifecycle.ts'
import { milliseconds } from '#aws/time.ts'
import { Draft } from './draft.ts'
import type { Facts } from './facts.ts'
import { HOOK_ANSWER_MINUTES, REPLACEMENT_MINUTES } from './limits.ts'
import { routeProblem } from './traffic.ts'

const MINUTE = 60_000

export const plan = (facts: Facts): Draft => {
  const draft = new Draft(facts)
  if (!isOver(facts.deployment) && !hasEnded(draft)) STEPS[draft.progress.stage](draft)
  return draft
}

/** What comes before any step: the beginning, and what ends a deployment wherever it stands. */
const hasEnded = (draft: Draft): boolean => {
  const { spec, progress } = draft.deployment
  if (progress.state === 'Created') draft.setProgress({ state: 'InProgress', startedAt: draft.at })
  const alarms = activeAlarms(draft)
  if (!isShift(spec.shift)) draft.fail(spec.shift)
  else if (spec.stopRequested !== undefined) {
    const message = 'The deployment was stopped by a request.'
    draft.end('Stopped', { code: 'MANUAL_STOP', message }, spec.stopRequested.rollback)
  } else if (alarms.length > 0) draft.end('Stopped', alarmError(alarms), 'DEPLOYMENT_STOP_ON_ALARM')
  else if (draft.facts.service === undefined) {
    draft.fail({ code: 'INVALID_ECS_SERVICE', message: 'The ECS service does not exist or is not active.' })
  }
  return isOver(draft.deployment)
}

const activeAlarms = ({ deployment: { spec }, facts }: Draft): string[] =>
  spec.alarms?.enabled === true ? spec.alarms.names.filter((name) => facts.alarms(name)?.isInAlarm === true) : []

const alarmError = (names: readonly string[]): DeploymentError => ({
  code: 'ALARM_ACTIVE',
  message:
    'One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected ' +
    `deployments have been stopped. Activated alarms: ${names.map((name) => `<${name}>`).join(' ')}`,
})

/** An event that is a hook or nothing. */
const hook =
  (name: HookableEvent) =>
  (draft: Draft): void => {
    const { id, spec } = draft.deployment
    const target = spec.hooks[name]
    if (target === undefined) return succeeded(draft, name)
    const event = draft.event(name)
    if (event?.hookExecutionId === undefined) {
      // Recorded before it is invoked: what answers must be known.
      return draft.setEvent(name, { status: 'InProgress', startedAt: draft.at, hookExecutionId: `${id}:${name}` })
    }
    const { hookExecutionId, startedAt = draft.at } = event
    const answer = spec.hookAnswers[hookExecutionId]
    if (answer === 'Succeeded') return succeeded(draft, name)
    const problem = draft.facts.failedHooks.get(hookExecutionId)
    if (answer === 'Failed' || problem !== undefined) {
      if (problem !== undefined) draft.setEvent(name, { message: problem })
      return draft.fail({
        code: 'HOOK_EXECUTION_FAILURE',
        message: 'The deployment failed because one or more of the lifecycle event validation functions failed.',
      })
    }
    const endsAt = milliseconds(startedAt) + HOOK_ANSWER_MINUTES * MINUTE
    if (draft.now >= endsAt) {
      return draft.fail({
        code: 'TIMEOUT',
        message:
          'The deployment timed out while waiting for a status callback. CodeDeploy expects a status callback within ' +
          'one hour after a deployment hook is invoked.',
      })
    }
    draft.wakeBy(endsAt)
    draft.call = { deploymentId: id, hookExecutionId, target }
  }

const succeeded = (draft: Draft, name: Parameters<Draft['setEvent']>[0]): void => {
  const startedAt = draft.event(name)?.startedAt ?? draft.at
  draft.setEvent(name, { status: 'Succeeded', startedAt, endedAt: draft.at })
  draft.advance()
}

const install = (draft: Draft): void => {
  if (draft.progress.replacementArn !== undefined) return awaitReplacement(draft)
  const problem = trafficProblem(draft)
  draft.setEvent('Install', { status: 'InProgress', startedAt: draft.at })
  if (problem !== undefined) return draft.fail(balancerError(problem))
  // What a deployment left that was stopped and not undone.
  for (const { arn, spec } of draft.taskSets.values()) {
    if (arn !== draft.shift.original.taskSetArn && spec.startedBy === 'CODE_DEPLOY') draft.remove(arn)
  }
  // Before the tasks: their group must belong to a load balancer for its health to be checked.
  draft.shiftProduction(0)
  draft.installs = true
}

const trafficProblem = (draft: Draft): string | undefined => {
  const { groups, production, test, shift } = draft
  if (production === undefined || (test === undefined && shift.testListenerArn !== undefined)) {
    return 'One or more listeners not found'
  }
  return routeProblem(production, groups, 'production') ?? (test && routeProblem(test, groups, 'test'))
}

const awaitReplacement = (draft: Draft): void => {
  const { replacement } = draft
  if (replacement === undefined || replacement.spec.deleteRequestedAt !== undefined) {
    return draft.fail({
      code: 'ECS_UPDATE_ERROR',
      message:
        'The ECS service cannot be updated due to an unexpected error: The specified task set was not found. ' +
        'Check your ECS service status.',
    })
  }
  if (replacement.status.stability === 'STEADY_STATE') return succeeded(draft, 'Install')
  const endsAt = milliseconds(draft.progress.stageSince) + REPLACEMENT_MINUTES * MINUTE
  if (draft.now < endsAt) return draft.wakeBy(endsAt)
  draft.fail({
    code: 'TIMEOUT',
    message:
      'The deployment timed out while waiting for the replacement task set to become healthy. This time out period is ' +
      `${REPLACEMENT_MINUTES} minutes.`,
  })
}

const allowTestTraffic = (draft: Draft): void => {
  draft.shiftTest(100)
  succeeded(draft, 'AllowTestTraffic')
}

/** Until ContinueDeployment, where that is configured. */
const awaitReadiness = (draft: Draft): void => {
  const { spec, progress } = draft.deployment
  const { whenReady, readyWaitMinutes } = spec.blueGreen
  if (whenReady === 'CONTINUE_DEPLOYMENT' || spec.continued.READY_WAIT !== undefined) return draft.advance()
  if (progress.state !== 'Ready') draft.setProgress({ state: 'Ready' })
  const endsAt = milliseconds(progress.stageSince) + readyWaitMinutes * MINUTE
  if (draft.now < endsAt) return draft.wakeBy(endsAt)
  const message =
    'The deployment timed out while waiting for a notification to continue. This time out period is ' +
    `${readyWaitMinutes} minutes.`
  draft.end('Stopped', { code: 'TIMEOUT', message }, 'DEPLOYMENT_FAILURE')
}

const allowTraffic = (draft: Draft): void => {
  if (draft.deployment.spec.undoes !== undefined) return giveBack(draft)
  if (draft.production === undefined) return draft.fail(balancerError('One or more listeners not found'))
  const { replacement } = draft
  if (replacement === undefined) return awaitReplacement(draft)
  const startedAt = draft.event('AllowTraffic')?.startedAt ?? draft.at
  const minutes = (draft.now - milliseconds(startedAt)) / MINUTE
  const { percent, nextAtMinutes } = percentAfter(draft.deployment.spec.routing, minutes)
  if (draft.event('AllowTraffic')?.status === 'Pending')
    draft.setEvent('AllowTraffic', { status: 'InProgress', startedAt })
  draft.shiftProduction(percent)
  if (nextAtMinutes !== undefined) return draft.wakeBy(milliseconds(startedAt) + nextAtMinutes * MINUTE)
  draft.makePrimary(replacement.arn)
  succeeded(draft, 'AllowTraffic')
}

/** A rollback: everything as it was before, at once. */
const giveBack = (draft: Draft): void => {
  const { original } = draft.shift
  if (!draft.taskSets.has(original.taskSetArn)) {
    return draft.fail({
      code: 'ECS_UPDATE_ERROR',
      message: 'The ECS service cannot be updated: the original task set does not exist any more.',
    })
  }
  draft.shiftProduction(0)
  draft.shiftTest(0)
  draft.makePrimary(original.taskSetArn)
  if (draft.replacement !== undefined) draft.remove(draft.replacement.arn)
  draft.setEvent('AllowTraffic', { status: 'Succeeded', startedAt: draft.at, endedAt: draft.at })
  draft.succeed()
}

const awaitTermination = (draft: Draft): void => {
  const { spec, progress } = draft.deployment
  const endsAt = milliseconds(progress.stageSince) + spec.blueGreen.terminationWaitMinutes * MINUTE
  if (draft.now < endsAt && spec.continued.TERMINATION_WAIT === undefined) return draft.wakeBy(endsAt)
  draft.advance()
}

const terminate = (draft: Draft): void => {
  draft.remove(draft.shift.original.taskSetArn)
  draft.succeed()
}

const STEPS: Readonly<Record<Stage, (draft: Draft) => void>> = {
  BeforeInstall: hook('BeforeInstall'),
  Install: install,
  AfterInstall: hook('AfterInstall'),
  AllowTestTraffic: allowTestTraffic,
  AfterAllowTestTraffic: hook('AfterAllowTestTraffic'),
  ReadyWait: awaitReadiness,
  BeforeAllowTraffic: hook('BeforeAllowTraffic'),
  AllowTraffic: allowTraffic,
  AfterAllowTraffic: hook('AfterAllowTraffic'),
  TerminationWait: awaitTermination,
  Termination: terminate,
}
