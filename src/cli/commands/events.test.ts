// Events and explanations as a person reads them in a terminal.

import { describe, expect, it } from 'vitest'
import { durationSeconds, eventLine } from './events.ts'
import { explanationText } from './why.ts'

describe('neargate events', () => {
  it.each([
    ['90s', 90],
    ['5m', 300],
    ['1h', 3600],
    ['1d', 86_400],
  ])('--since %s is %i seconds', (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds)
  })

  it.each(['', '1', 'h', '1.5h', '-1h', '1w'])('--since "%s" is refused, with what it takes', (text) => {
    expect(() => durationSeconds(text)).toThrow('90s, 5m, 1h or 1d')
  })

  const event = (type: string, detail: object) => ({
    time: '2026-01-01T00:00:00Z',
    'detail-type': type,
    resources: ['arn:aws:ecs:eu-west-1:123456789012:task/default/0123'],
    detail: { ...detail },
  })

  it('a task’s state: what it is, what it is to be, its containers, and why it ends', () => {
    const stopped = event('ECS Task State Change', {
      lastStatus: 'STOPPING',
      desiredStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [
        { name: 'app', lastStatus: 'STOPPED', exitCode: 1 },
        { name: 'log', lastStatus: 'RUNNING' },
      ],
    })
    expect(eventLine(stopped)).toBe(
      '2026-01-01T00:00:00Z default/0123 STOPPING (to be STOPPED): app STOPPED 1, log RUNNING; ' +
        'EssentialContainerExited: Essential container in task exited',
    )
  })

  it('what a service did', () => {
    const detail = {
      eventName: 'SERVICE_DEPLOYMENT_FAILED',
      deploymentId: 'ecs-svc/1',
      reason: 'tasks failed to start.',
    }
    expect(eventLine(event('ECS Deployment State Change', detail))).toBe(
      '2026-01-01T00:00:00Z default/0123 SERVICE_DEPLOYMENT_FAILED ecs-svc/1 tasks failed to start.',
    )
  })

  it('what became of a deployment of CodeDeploy’s', () => {
    const event = {
      time: '2026-01-01T00:00:00Z',
      'detail-type': 'CodeDeploy Deployment State-change Notification',
      resources: ['arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:shop/live'],
      detail: { application: 'shop', deploymentGroup: 'live', deploymentId: 'd-ABC123DEF', state: 'READY' },
    }
    expect(eventLine(event)).toBe('2026-01-01T00:00:00Z shop/live d-ABC123DEF READY')
  })
})

describe('neargate why', () => {
  it('answers first, then says what the answer rests on, and what to try', () => {
    const text = explanationText({
      of: 'task 0123',
      state: 'STOPPED',
      answer: 'Its essential container app ended.',
      because: ['One reason.'],
      containers: [
        {
          name: 'app',
          state: 'STOPPED',
          exitCode: 1,
          meaning: 'it failed',
          health: 'UNHEALTHY',
          healthOutput: 'refused\n',
          log: { group: '/web', stream: 'web/app/0123', lines: ['first\nsecond', 'third'] },
        },
      ],
      tryThis: ['Another way.'],
    })
    expect(text).toMatchInlineSnapshot(`
      "task 0123 is STOPPED.
      Its essential container app ended.

      Because:
        One reason.

      Containers:
        app: STOPPED, exit code 1, UNHEALTHY: it failed
          its last health check on record printed:
            refused
          its last lines (/web web/app/0123):
            first
            second
            third

      Try:
        Another way."
    `)
  })

  it('leaves out what there is nothing of', () => {
    const nothing = { because: [], containers: [], tryThis: [] }
    expect(explanationText({ of: 'service web', state: 'ACTIVE', answer: 'All is well.', ...nothing })).toBe(
      'service web is ACTIVE.\nAll is well.',
    )
  })
})
