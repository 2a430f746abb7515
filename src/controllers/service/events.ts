// The texts of service events, to the letter: tools parse them. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html

import { TASKS_PER_EVENT } from './limits.ts'

const list = (ids: readonly string[]): string => ids.map((id) => `(task ${id})`).join(' ')

const batches = (ids: readonly string[]): (readonly string[])[] =>
  Array.from({ length: Math.ceil(ids.length / TASKS_PER_EVENT) }, (_, at) =>
    ids.slice(at * TASKS_PER_EVENT, (at + 1) * TASKS_PER_EVENT),
  )

/** `subject` is "service NAME", or "service NAME, taskSet ID". */
export const started = (subject: string, ids: readonly string[]): string[] =>
  batches(ids).map((some) => `(${subject}) has started ${some.length} tasks: ${list(some)}.`)

export const stopped = (subject: string, ids: readonly string[], were: 'running' | 'pending'): string[] =>
  batches(ids).map((some) => `(${subject}) has stopped ${some.length} ${were} tasks: ${list(some)}.`)

export const steady = (subject: string): string => `(${subject}) has reached a steady state.`

export const deploymentCompleted = (subject: string, deploymentId: string): string =>
  `(${subject}) (deployment ${deploymentId}) deployment completed.`

export const deploymentFailed = (subject: string, deploymentId: string, why: string): string =>
  `(${subject}) (deployment ${deploymentId}) deployment failed: ${why}.`

export const rollingBack = (subject: string, deploymentId: string): string =>
  `(${subject}) rolling back to deployment ${deploymentId}.`

export const deploymentBlocked = (subject: string): string =>
  `${subject} was unable to stop or start tasks during a deployment because of the service deployment configuration. ` +
  'Update the minimumHealthyPercent or maximumPercent value and try again.'

export const containerUnhealthy = (subject: string, id: string): string =>
  `(${subject}) (task ${id}) failed container health checks.`

/** `subject` names the task set of the task, where it is of one. */
export const targetUnhealthy = (
  subject: string,
  { id, port, group, reason }: { readonly id: string; readonly port: number; readonly group: string; reason: string },
): string =>
  `(${subject}) (task ${id}) (port ${port}) is unhealthy in (target-group ${group}) due to (reason ${reason}).`

export const targetMissing = (
  subject: string,
  { id, startedBy, group, reason }: { readonly id: string; startedBy: string; group: string; reason: string },
): string =>
  `(${subject}) task set (${startedBy}) (task ${id}) is not healthy in target-group (${group}) due to ${reason}`

export const registered = (subject: string, count: number, group: string): string =>
  `(${subject}) registered ${count} targets in (target-group ${group})`

export const notRegistered = (subject: string, group: string, error: string): string =>
  `(${subject}) failed to register targets in (target-group ${group}) with (error ${error})`

export const deregistered = (subject: string, count: number, group: string): string =>
  `(${subject}) deregistered ${count} targets in (target-group ${group})`

/** `subject` is always that of a task set: a deployment's id counts as one here. */
export const draining = (subject: string, count: number): string =>
  `(${subject}) has begun draining connections on ${count} tasks.`

export const impaired = (subject: string): string => `(${subject}) is unable to consistently start tasks successfully.`

export const notPlaced = (subject: string, reason: string): string =>
  `(${subject}) was unable to place a task. Reason: ${reason}.`

export const notLaunched = (subject: string, error: string): string =>
  `(${subject}) failed to launch a task with (error ${error}).`

export const protectedTasks = (subject: string, taskSetId: string): string =>
  `(${subject}) was unable to reach steady state because task set (${taskSetId}) was unable to scale in. ` +
  'Reason: The number of protected tasks are more than the desired count of tasks'

/** "2 tasks in A, 1 in B, and 0 in C"; AWS repeats the word "tasks" in one of its two texts. */
const spread = (zones: ReadonlyMap<string, number>, unit: string): string => {
  const parts = [...zones].map(([zone, count], at) => `${count} ${at === 0 ? 'tasks ' : unit}in ${zone}`)
  const last = parts.pop() ?? ''
  return parts.length === 0 ? last : `${parts.join(', ')}${parts.length > 1 ? ',' : ''} and ${last}`
}

export const unbalanced = (subject: string, zones: ReadonlyMap<string, number>): string =>
  `(${subject}) is not AZ balanced with ${spread(zones, '')}. AZ Rebalancing in progress.`

export const balanced = (subject: string, zones: ReadonlyMap<string, number>): string =>
  `(${subject}) is AZ balanced with ${spread(zones, 'tasks ')}.`

export const rebalanceStarted = (subject: string, zone: string, ids: readonly string[]): string =>
  `(${subject}) has started ${ids.length} tasks in ${zone} to AZ Rebalance: ${list(ids)}.`

export const rebalanceStopped = (subject: string, zone: string, ids: readonly string[]): string =>
  `(${subject}) has stopped ${ids.length} running tasks in ${zone} to AZ Rebalance: ${list(ids)}.`

/** AWS's SERVICE_REBALANCING_STOPPED; the words are ours. */
export const rebalancingEnded = (subject: string): string => `(${subject}) AZ Rebalancing was stopped.`
