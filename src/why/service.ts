// Why a service is as it is: from its records, its messages and its tasks to plain words. Pure.

import { awaitsRoom } from '#apis/ecs/model/room.ts'
import { isFinished, type ServiceDeploymentRecord } from '#apis/ecs/model/service-deployment.ts'
import { loadBalancersOf } from '#apis/ecs/model/revision-targets.ts'
import { deploymentIdOf, type ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import { idleSecondsOf, SCALE_TO_ZERO_TAG } from '#apis/ecs/model/scale-to-zero.ts'
import { countBounds, type ServiceEventRecord, type ServiceRecord } from '#apis/ecs/model/service.ts'
import { isProtected } from '#apis/ecs/model/task-protection.ts'
import { desiredStatus, isStopped, type TaskRecord } from '#apis/ecs/model/task.ts'
import type { Explanation } from './explanation.ts'
import { whyTask } from './task.ts'

export interface ServiceFacts {
  readonly service: ServiceRecord
  readonly primary: ServiceRevisionRecord | undefined
  readonly deployment: ServiceDeploymentRecord | undefined
  /** All that are remembered, stopped ones among them. */
  readonly tasks: readonly TaskRecord[]
  /** The newest first. */
  readonly messages: readonly ServiceEventRecord[]
  /** ISO 8601. */
  readonly now: string
}

/** One thing that speaks for or against the service. */
interface Finding {
  readonly says: string
  readonly tryThis?: readonly string[]
}

const MESSAGES_SHOWN = 5
/** What a service tells on any day, also a good one. */
const ROUTINE =
  /(has started|has stopped) \d+ |registered \d+ targets|has begun draining|has reached a steady state|deployment completed/
/** How many stopped tasks are looked at for a common cause. */
const STOPPED_LOOKED_AT = 20

const isLive = (task: TaskRecord): boolean => !isStopped(task) && desiredStatus(task) === 'RUNNING'

const breakerFinding = ({ deployment }: ServiceFacts): Finding[] => {
  if (deployment === undefined) return []
  const { circuitBreaker, rollback, state, reason } = deployment.progress
  const { failureCount, threshold } = circuitBreaker
  const findings: Finding[] = []
  if (circuitBreaker.status === 'TRIGGERED') {
    findings.push({
      says: `The deployment circuit breaker tripped: ${failureCount} tasks failed in a row, and its threshold is ${threshold}.`,
      tryThis: ['Mend what makes the tasks fail, then deploy again: aws ecs update-service --force-new-deployment …'],
    })
  }
  if (rollback !== undefined) {
    const to = rollback.revisionArn.split('/').at(-1)
    findings.push({ says: `It was rolled back to ecs-svc/${to} at ${rollback.startedAt}: ${rollback.reason}` })
  }
  if (deployment.progress.alarms.triggered.length > 0) {
    findings.push({ says: `Alarms stopped the deployment: ${deployment.progress.alarms.triggered.join(', ')}.` })
  }
  if (findings.length === 0 && isFinished(deployment) && state !== 'SUCCESSFUL') {
    findings.push({ says: `Its last deployment ended ${state}${reason === undefined ? '' : `: ${reason}`}.` })
  }
  return findings
}

const throttleFinding = ({ service: { status }, now }: ServiceFacts): Finding[] => {
  const { throttle } = status
  if (throttle === undefined || throttle.notBefore <= now) return []
  return [
    {
      says:
        `Its tasks failed to start ${throttle.failures} times in a row, so the scheduler waits: ` +
        `the next try is not before ${throttle.notBefore}.`,
      tryThis: ['A new task definition is tried at once: aws ecs update-service --task-definition …'],
    },
  ]
}

const roomFinding = ({ tasks }: ServiceFacts): Finding[] => {
  const count = tasks.filter(awaitsRoom).length
  if (count === 0) return []
  return [
    {
      says:
        count === 1
          ? 'One of its tasks waits for room on this host.'
          : `${count} of its tasks wait for room on this host.`,
      tryThis: ['See what holds the room: neargate status'],
    },
  ]
}

const healthFinding = ({ tasks }: ServiceFacts): Finding[] => {
  const sick = tasks.filter(
    (task) => isLive(task) && task.status.containers.some(({ health }) => health?.status === 'UNHEALTHY'),
  )
  const [first] = sick
  if (first === undefined) return []
  return [
    {
      says:
        sick.length === 1
          ? 'One of its tasks fails its container health check.'
          : `${sick.length} of its tasks fail their container health checks.`,
      tryThis: [`See what the health check printed: neargate why ${first.id}`],
    },
  ]
}

const sharesOf = (some: number, all: number): string => {
  if (all === 1) return 'Its last task that ended'
  return some === all ? `Its last ${all} tasks all ended alike` : `${some} of its last ${all} tasks that ended`
}

/** Spot tasks that run on until the time of their warning is over. */
const spotFinding = ({ tasks }: ServiceFacts): Finding[] => {
  const count = tasks.filter((task) => !isStopped(task) && task.spec.stop?.code === 'SpotInterruption').length
  if (count === 0) return []
  return [
    {
      says: `${count === 1 ? 'One of its Spot tasks has' : `${count} of its Spot tasks have`} been told to give way (Spot interruption); the scheduler replaces what is interrupted.`,
    },
  ]
}

/** Ends that nobody asked for, the most frequent cause first. */
const failureFinding = ({ tasks, primary }: ServiceFacts): Finding[] => {
  const ended = tasks
    .filter((task) => isStopped(task) && task.owner?.revisionArn === primary?.arn)
    .filter(
      ({ status }) => status.stopCode !== 'ServiceSchedulerInitiated' || /health/.test(status.stoppedReason ?? ''),
    )
    .toSorted((a, b) => (b.status.stoppedAt ?? '').localeCompare(a.status.stoppedAt ?? ''))
    .slice(0, STOPPED_LOOKED_AT)
  const causes = new Map<string, TaskRecord[]>()
  for (const task of ended) {
    const { answer } = whyTask({ task, logs: {} })
    causes.set(answer, [...(causes.get(answer) ?? []), task])
  }
  return [...causes]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([answer, some]) => ({
      says: `${sharesOf(some.length, ended.length)}: ${answer}`,
      tryThis: [`See one of them: neargate why ${some[0]?.id}`],
    }))
}

const boundsFinding = ({ service, deployment, tasks }: ServiceFacts): Finding[] => {
  if (deployment === undefined || isFinished(deployment)) return []
  const { desiredCount, deploymentConfiguration } = service.spec
  const { least, most } = countBounds(desiredCount, deploymentConfiguration)
  const count = tasks.filter(isLive).length
  if (desiredCount === 0 || count < most || count > least) return []
  return [
    {
      says:
        `Its deployment can neither start nor stop a task: with a desired count of ${desiredCount} it must keep ` +
        `${least} healthy and may have ${most}, and it has ${count}.`,
      tryThis: ['Lower minimumHealthyPercent, or raise maximumPercent.'],
    },
  ]
}

const protectionFinding = ({ service, tasks, now }: ServiceFacts): Finding[] => {
  const live = tasks.filter(isLive)
  const count = live.filter((task) => isProtected(task, now)).length
  if (count === 0 || live.length <= service.spec.desiredCount) return []
  return [
    {
      says: `${count} of its tasks are protected, so neither scale-in nor a deployment may end them yet.`,
      tryThis: ['Lift it: aws ecs update-task-protection --no-protection-enabled …'],
    },
  ]
}

const rolloutFinding = ({ primary }: ServiceFacts): Finding[] => {
  if (primary === undefined || primary.rollout.state === 'COMPLETED') return []
  const { state, reason } = primary.rollout
  // What ECS gives as the reason of one that is in progress says no more than that.
  return [{ says: `Deployment ${deploymentIdOf(primary)} is ${state}${state === 'IN_PROGRESS' ? '.' : `: ${reason}`}` }]
}

const being = (count: number, what: string): string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? 'is' : 'are'} being ${what}`]

const counts = ({ service, tasks }: ServiceFacts): string => {
  const live = tasks.filter(isLive)
  const running = live.filter(({ status }) => status.lastStatus === 'RUNNING').length
  const going = tasks.filter((task) => !isStopped(task) && !isLive(task)).length
  const others = [...being(live.length - running, 'started'), ...being(going, 'stopped')]
  return [`${running} of ${service.spec.desiredCount} tasks run`, ...others].join(', ')
}

/** A wish for scale to zero that comes to nothing: a tag tells nobody that it is not understood. */
const wakefulFinding = ({ service, primary }: ServiceFacts): Finding[] => {
  const tag = service.spec.tags.find(({ key }) => key === SCALE_TO_ZERO_TAG)
  if (tag === undefined) return []
  const value = tag.value ?? ''
  const never = `It never goes to zero: its tag ${SCALE_TO_ZERO_TAG}`
  if (idleSecondsOf(service) === undefined) {
    return [
      {
        says: `${never} is "${value}", which is no whole number of seconds from 1.`,
        tryThis: [`aws ecs tag-resource --resource-arn ${service.arn} --tags key=${SCALE_TO_ZERO_TAG},value=300`],
      },
    ]
  }
  return primary === undefined || loadBalancersOf(primary).length > 0
    ? []
    : [{ says: `${never} is for services behind an application load balancer, and it has none.` }]
}

/** What explains a service that is not as it should be: the first finding answers, the others support it. */
const findingsOf = (facts: ServiceFacts): Finding[] => [
  ...breakerFinding(facts),
  ...throttleFinding(facts),
  ...spotFinding(facts),
  ...roomFinding(facts),
  ...healthFinding(facts),
  ...boundsFinding(facts),
  ...protectionFinding(facts),
  ...failureFinding(facts),
  ...wakefulFinding(facts),
]

const hasGivenUp = (facts: ServiceFacts): boolean =>
  facts.deployment?.progress.circuitBreaker.status === 'TRIGGERED' || throttleFinding(facts).length > 0

const isAsWished = ({ service, primary, tasks }: ServiceFacts): boolean =>
  tasks.filter((task) => isLive(task) && task.status.lastStatus === 'RUNNING').length === service.spec.desiredCount &&
  tasks.filter(isLive).length === service.spec.desiredCount &&
  (primary === undefined || primary.rollout.state === 'COMPLETED')

const answerOf = (facts: ServiceFacts, findings: readonly Finding[]): Pick<Explanation, 'answer' | 'isKnown'> => {
  const { service, deployment } = facts
  const count = counts(facts)
  if (service.status.state !== 'ACTIVE') {
    return { answer: `It was deleted (DeleteService), and is ${service.status.state}.`, isKnown: true }
  }
  const [first] = findings
  if (isAsWished(facts)) {
    return { answer: `It is as it should be: ${count}.${first === undefined ? '' : ` ${first.says}`}`, isKnown: true }
  }
  if (first !== undefined) {
    // That tries were given up or put off is half an answer: the other half is why they failed.
    const [cause] = hasGivenUp(facts) ? failureFinding(facts) : []
    return { answer: [`${count}.`, first.says, ...(cause === undefined ? [] : [cause.says])].join(' '), isKnown: true }
  }
  const isUnderWay = deployment !== undefined && !isFinished(deployment)
  const coming = facts.tasks.some((task) => isLive(task) && task.status.lastStatus !== 'RUNNING')
  if (isUnderWay || coming) return { answer: `It is on its way: ${count}.`, isKnown: true }
  return { answer: `${count}, and what is recorded does not tell why.`, isKnown: false }
}

/** Messages that may tell why, the newest first; all of them where none does. */
const telling = (messages: ServiceFacts['messages']): string[] => {
  const unusual = messages.filter(({ message }) => !ROUTINE.test(message))
  return (unusual.length > 0 ? unusual : messages)
    .slice(0, MESSAGES_SHOWN)
    .map(({ createdAt, message }) => `${createdAt} ${message}`)
}

export const whyService = (facts: ServiceFacts): Explanation => {
  const { service, messages } = facts
  const findings = findingsOf(facts)
  const { answer, isKnown } = answerOf(facts, findings)
  const told = [...rolloutFinding(facts), ...findings].map(({ says }) => says).filter((says) => !answer.includes(says))
  return {
    of: `service ${service.name}`,
    state: service.status.state,
    answer,
    isKnown,
    because: [...told, ...telling(messages)],
    containers: [],
    tryThis: [
      ...new Set([
        ...findings.flatMap(({ tryThis = [] }) => tryThis),
        `See what happened: neargate events --service ${service.name}`,
      ]),
    ],
  }
}
