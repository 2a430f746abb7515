// neargate events: what happened to tasks, services and CodeDeploy's deployments, as the events that EventBridge would carry.

import { systemClock } from '#base/clock.ts'
import { clientFor } from '../client.ts'
import { CliError, type Command } from '../command.ts'
import { queryOf } from '../query.ts'

const FOLLOW_SECONDS = 0.5
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

interface Event {
  readonly time: string
  readonly 'detail-type': string
  readonly resources: readonly string[]
  readonly detail: Readonly<Record<string, unknown>>
}

interface Page {
  readonly next: number
  readonly isLast: boolean
  readonly events: readonly Event[]
}

/** "90s", "5m", "1h", "1d" in seconds. */
export const durationSeconds = (text: string): number => {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? []
  if (count === undefined) throw new CliError(`--since takes a time such as 90s, 5m, 1h or 1d, and is "${text}"`, 2)
  return Number(count) * (UNITS[unit] ?? 1)
}

const shortName = (arn = ''): string => arn.split('/').slice(1).join('/')

interface TaskDetail {
  readonly lastStatus: string
  readonly desiredStatus: string
  readonly stopCode?: string
  readonly stoppedReason?: string
  readonly containers?: readonly {
    readonly name: string
    readonly lastStatus: string
    readonly exitCode?: number
    readonly reason?: string
  }[]
}

const taskLine = (detail: TaskDetail): string => {
  const wish = detail.desiredStatus === detail.lastStatus ? '' : ` (to be ${detail.desiredStatus})`
  const containers = (detail.containers ?? []).map(({ name, lastStatus, exitCode, reason }) =>
    [name, lastStatus, ...(exitCode === undefined ? [] : [exitCode]), ...(reason === undefined ? [] : [reason])].join(
      ' ',
    ),
  )
  const stop = detail.stopCode === undefined ? '' : `; ${detail.stopCode}: ${detail.stoppedReason}`
  return `${detail.lastStatus}${wish}: ${containers.join(', ')}${stop}`
}

interface ActionDetail {
  readonly eventName: string
  readonly deploymentId?: string
  readonly reason?: string
}

const actionLine = ({ eventName, deploymentId, reason }: ActionDetail): string =>
  [eventName, deploymentId, reason].filter((part) => part !== undefined).join(' ')

interface DeploymentDetail {
  readonly application: string
  readonly deploymentGroup: string
  readonly deploymentId: string
  readonly state: string
}

/** One line for people. */
export const eventLine = (event: Event): string => {
  const { detail } = event
  if (event['detail-type'] === 'CodeDeploy Deployment State-change Notification') {
    const { application, deploymentGroup, deploymentId, state } = detail as unknown as DeploymentDetail
    return `${event.time} ${application}/${deploymentGroup} ${deploymentId} ${state}`
  }
  const what =
    event['detail-type'] === 'ECS Task State Change'
      ? taskLine(detail as unknown as TaskDetail)
      : actionLine(detail as unknown as ActionDetail)
  return `${event.time} ${shortName(event.resources[0])} ${what}`
}

export const events: Command = {
  name: 'events',
  usage: 'events [--follow] [--since 1h] [--task TASK|--service NAME|--cluster NAME] [--json] [--data DIR]',
  summary:
    'Print what happened to tasks, services and CodeDeploy’s deployments in the last day; with --json, EventBridge’s events, one per line.',
  options: {
    follow: { type: 'boolean', help: 'go on with what happens from now on' },
    since: { type: 'string', value: 'TIME', help: 'from so long ago on: 90s, 5m, 1h, 1d (default 1h)' },
    task: { type: 'string', value: 'TASK', help: 'of that task only; id or ARN' },
    service: { type: 'string', value: 'NAME', help: 'of that service and its tasks only; name or ARN' },
    cluster: { type: 'string', value: 'NAME', help: 'of that cluster only; the cluster of TASK or NAME' },
  },
  run: async ({ config, flags, output }) => {
    const client = clientFor(config)
    const asked = flags['since']
    const filter = { region: config.region, task: flags['task'], service: flags['service'], cluster: flags['cluster'] }
    const since = durationSeconds(typeof asked === 'string' ? asked : '1h')
    for (let after = 0, count = 0; ;) {
      // What is new is asked for by number: the time in which it must lie would move on.
      const query = queryOf({ ...filter, ...(after === 0 ? { since } : { after }) })
      const page = (await client.own('GET', `/_neargate/events?${query}`)) as Page
      for (const event of page.events) output.write(`${output.json ? JSON.stringify(event) : eventLine(event)}\n`)
      after = page.next
      count += page.events.length
      if (!page.isLast) continue
      if (flags['follow'] !== true) {
        if (count === 0)
          output.progress(`nothing happened there in the last ${typeof asked === 'string' ? asked : '1h'}`)
        return 0
      }
      await systemClock.sleep(FOLLOW_SECONDS)
    }
  },
}
