// The health of a task, out of the health of its containers.

import { expect, test } from 'vitest'
import { taskHealth } from './describe-task.ts'
import type { HealthStatus, TaskContainer } from './task.ts'

/** "HEALTHY" is an essential container; "(HEALTHY)" one that is not; "-" has no health check. */
const container = (text: string): TaskContainer => {
  const essential = !text.startsWith('(')
  const status = text.replaceAll(/[()]/g, '')
  return {
    name: 'app',
    arn: 'arn' as TaskContainer['arn'],
    runtimeId: 'id',
    image: 'nginx',
    lastStatus: 'RUNNING',
    restartCount: 0,
    essential,
    ...(status === '-' ? {} : { health: { status: status as HealthStatus, statusSince: '', failures: 0 } }),
  }
}

test.each([
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
  ['HEALTHY', 'HEALTHY'],
  ['HEALTHY, HEALTHY', 'HEALTHY'],
  ['HEALTHY, UNKNOWN', 'UNKNOWN'],
  ['HEALTHY, -', 'UNKNOWN'],
  ['UNKNOWN, UNHEALTHY', 'UNHEALTHY'],
  ['UNHEALTHY, HEALTHY', 'UNHEALTHY'],
  ['HEALTHY, (UNHEALTHY)', 'HEALTHY'],
  ['HEALTHY, (-)', 'HEALTHY'],
  ['-', 'UNKNOWN'],
])('%s makes the task %s', (containers, health) => {
  expect(taskHealth(containers.split(', ').map(container))).toBe(health)
})
