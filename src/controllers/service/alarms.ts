// Deployment alarms: those that go off while a deployment is under way fail it, and it is not complete before they have
// had the time to. Pure. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html

import type { ServiceDeploymentRecord } from '#apis/ecs/model/service-deployment.ts'
import { milliseconds } from '#aws/time.ts'
import type { Draft } from './draft.ts'
import type { AlarmReading } from './seams.ts'

interface Watched {
  readonly name: string
  readonly reading: AlarmReading
}

/** An alarm that does not exist does not count. */
const watched = (draft: Draft, { spec }: ServiceDeploymentRecord): Watched[] => {
  const { enable, alarmNames } = spec.configuration.alarms ?? {}
  if (enable !== true) return []
  return (alarmNames ?? []).flatMap((name) => {
    const reading = draft.facts.alarms(name)
    return reading === undefined ? [] : [{ name, reading }]
  })
}

/** What is in ALARM when a deployment begins says nothing about it. */
export const ignoreStaleAlarms = (draft: Draft, deployment: ServiceDeploymentRecord): void => {
  const ignored = watched(draft, deployment).filter(({ reading }) => reading.isInAlarm)
  if (ignored.length === 0) return
  draft.setProgress(deployment.arn, {
    alarms: { ...deployment.progress.alarms, ignored: ignored.map(({ name }) => name) },
  })
}

/** Notes which alarms have gone off, and returns whether any has. A deployment that is going back is not watched. */
export const alarmsTrip = (draft: Draft): boolean => {
  const { deployment } = draft
  if (deployment?.progress.state !== 'IN_PROGRESS') return false
  const { alarms } = deployment.progress
  const triggered = watched(draft, deployment).filter(
    ({ name, reading }) => reading.isInAlarm && !alarms.ignored.includes(name),
  )
  if (triggered.length === 0) return false
  const names = triggered.map(({ name }) => name)
  draft.setProgress(deployment.arn, { alarms: { ...alarms, status: 'TRIGGERED', triggered: names } })
  return true
}

/** How long a deployment that succeeds early is watched before it does. Seconds. */
const earlyBakeSeconds = ({ spec }: ServiceDeploymentRecord): number =>
  spec.configuration.earlySuccessCriteria?.enable === true ? (spec.configuration.bakeTimeInMinutes ?? 0) * 60 : 0

/** Whether there is still something to wait for, now that the tasks are up: the alarms, or the time that was asked for. */
export const isBaking = (draft: Draft): boolean => {
  const { deployment } = draft
  if (deployment?.progress.state !== 'IN_PROGRESS') return false
  const { alarms } = deployment.progress
  const counting = watched(draft, deployment).filter(({ name }) => !alarms.ignored.includes(name))
  const notices = counting.map(({ reading }) => reading.noticesAfterSeconds)
  const seconds = Math.max(earlyBakeSeconds(deployment), ...notices)
  if (seconds === 0) return false
  const since = deployment.progress.stageSince ?? draft.at
  draft.setProgress(deployment.arn, { stageSince: since })
  const endsAt = milliseconds(since) + seconds * 1000
  draft.wakeBy(endsAt)
  return draft.now < endsAt
}
