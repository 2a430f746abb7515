// Service deployments and revisions as a caller sees them, and what a caller may wish of a deployment under way.

import type * as sdk from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, it } from 'vitest'
import type { SimulatedClock } from '#base/simulated-clock.ts'
import { ECS, type EcsWorld, ecsWorld, IN_A, WEB } from '#test/ecs-world.ts'
import type { ServiceDeploymentProgress } from '../model/service-deployment.ts'
import { deploymentNamed, serviceDeployments } from '../tables.ts'
import { refusal } from '#test/refusal.ts'

let world: EcsWorld
const ask: EcsWorld['ask'] = (name, input) => world.ask(name, input)
const invalid = (message: string) => refusal('InvalidParameterException', message)

let first: string

beforeEach(async () => {
  world = await ecsWorld()
  const { service } = await ask('CreateService', {
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 1,
    launchType: 'FARGATE',
    networkConfiguration: IN_A,
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
  })
  first = service!.currentServiceDeployment!
})

const deployedAgain = async (): Promise<sdk.Service> => {
  await (world.call.clock as SimulatedClock).advance(60)
  return (await ask('UpdateService', { service: 'web', forceNewDeployment: true })).service!
}
const described = async (arn: string): Promise<sdk.ServiceDeployment> =>
  (await ask('DescribeServiceDeployments', { serviceDeploymentArns: [arn] })).serviceDeployments![0]!

/** As the service controller writes it. */
const progressed = (arn: string, progress: Partial<ServiceDeploymentProgress>): Promise<void> =>
  world.call.store.write(async (tx) => {
    const deployment = (await deploymentNamed(tx, world.call.scope, arn))!
    await tx.put(serviceDeployments, { ...deployment, progress: { ...deployment.progress, ...progress } })
  })

describe('ListServiceDeployments', () => {
  it('lists the newest first, in brief', async () => {
    const { currentServiceDeployment: second, currentServiceRevisions } = await deployedAgain()
    const listed = (await ask('ListServiceDeployments', { service: 'web' })).serviceDeployments!
    expect(listed.map(({ serviceDeploymentArn }) => serviceDeploymentArn)).toEqual([second, first])
    expect(listed[0]).toEqual({
      serviceDeploymentArn: second,
      serviceArn: `${ECS}:service/default/web`,
      clusterArn: `${ECS}:cluster/default`,
      createdAt: world.call.clock.now(),
      targetServiceRevisionArn: currentServiceRevisions![0]!.arn,
      status: 'PENDING',
    })
  })

  it('filters by status and by when they were created', async () => {
    const { currentServiceDeployment: second } = await deployedAgain()
    await progressed(first, { state: 'SUCCESSFUL' })
    const listed = async (filter: object) =>
      (await ask('ListServiceDeployments', { service: 'web', ...filter })).serviceDeployments!.map(
        ({ serviceDeploymentArn }) => serviceDeploymentArn,
      )
    const between = new Date('2026-01-01T00:00:30Z')
    expect(await listed({ status: ['SUCCESSFUL', 'STOPPED'] })).toEqual([first])
    expect(await listed({ status: ['STOPPED'] })).toEqual([])
    expect(await listed({ createdAt: { before: between } })).toEqual([first])
    expect(await listed({ createdAt: { after: between } })).toEqual([second])
  })

  it('gives pages', async () => {
    for (let round = 0; round < 21; round++) await deployedAgain()
    const page = await ask('ListServiceDeployments', { service: 'web' })
    expect(page.serviceDeployments).toHaveLength(20)
    const rest = await ask('ListServiceDeployments', { service: 'web', nextToken: page.nextToken! })
    expect(rest.serviceDeployments!.at(-1)!.serviceDeploymentArn).toBe(first)
    expect(rest.serviceDeployments).toHaveLength(2)
  })

  it('is of a service', async () => {
    await expect(ask('ListServiceDeployments', { service: 'none' })).rejects.toEqual(
      refusal('ServiceNotFoundException', 'Service not found.'),
    )
  })
})

describe('DescribeServiceDeployments', () => {
  it('shows how far a deployment is, and the hook at which it waits', async () => {
    const expiresAt = '2026-01-02T00:00:00.000Z'
    await progressed(first, {
      state: 'IN_PROGRESS',
      startedAt: '2026-01-01T00:00:01.000Z',
      updatedAt: '2026-01-01T00:00:02.000Z',
      lifecycleStage: 'POST_SCALE_UP',
      hooks: [
        {
          hookId: 'pause-1',
          targetType: 'PAUSE',
          status: 'AWAITING_ACTION',
          timeoutAction: 'ROLLBACK',
          expiresAt,
          stage: 'POST_SCALE_UP',
          step: 0,
          startedAt: '2026-01-01T00:00:02.000Z',
        },
      ],
    })
    expect(await described(first)).toMatchObject({
      status: 'IN_PROGRESS',
      startedAt: new Date('2026-01-01T00:00:01Z'),
      lifecycleStage: 'POST_SCALE_UP',
      lifecycleHookDetails: [
        {
          hookId: 'pause-1',
          targetType: 'PAUSE',
          status: 'AWAITING_ACTION',
          expiresAt: new Date(expiresAt),
          timeoutAction: 'ROLLBACK',
        },
      ],
      deploymentCircuitBreaker: { status: 'MONITORING', failureCount: 0, threshold: 3 },
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
    })
  })

  it('shows where a deployment goes back to', async () => {
    const { currentServiceDeployment: second = '', currentServiceRevisions } = await deployedAgain()
    const [, former] = currentServiceRevisions!
    await progressed(second, {
      state: 'ROLLBACK_IN_PROGRESS',
      reason: 'because',
      rollback: { reason: 'because', startedAt: '2026-01-01T00:02:00.000Z', revisionArn: former!.arn as never },
    })
    expect(await described(second)).toMatchObject({
      status: 'ROLLBACK_IN_PROGRESS',
      statusReason: 'because',
      rollback: {
        reason: 'because',
        startedAt: new Date('2026-01-01T00:02:00Z'),
        serviceRevisionArn: former!.arn,
      },
    })
  })

  it('says which are missing', async () => {
    const other = `${ECS}:service-deployment/default/web/none`
    expect(await ask('DescribeServiceDeployments', { serviceDeploymentArns: [other] })).toEqual({
      serviceDeployments: [],
      failures: [{ arn: other, reason: 'MISSING' }],
    })
  })

  it.each([
    [[], 'serviceDeploymentArns can not be empty.'],
    [Array.from({ length: 21 }, String), 'serviceDeploymentArns can have at most 20 items.'],
  ])('refuses %j', async (serviceDeploymentArns, message) => {
    await expect(ask('DescribeServiceDeployments', { serviceDeploymentArns })).rejects.toEqual(invalid(message))
  })
})

describe('DescribeServiceRevisions', () => {
  it('shows what tasks are made from, as it was when it was asked for', async () => {
    const { targetServiceRevision } = await described(first)
    await ask('RegisterTaskDefinition', WEB)
    await ask('UpdateService', { service: 'web', taskDefinition: 'web' })
    const arn = targetServiceRevision!.arn!
    const { serviceRevisions, failures } = await ask('DescribeServiceRevisions', {
      serviceRevisionArns: [arn, `${arn}0`],
    })
    expect(failures).toEqual([{ arn: `${arn}0`, reason: 'MISSING' }])
    expect(serviceRevisions).toEqual([
      {
        serviceRevisionArn: arn,
        serviceArn: `${ECS}:service/default/web`,
        clusterArn: `${ECS}:cluster/default`,
        taskDefinition: `${ECS}:task-definition/web:1`,
        launchType: 'FARGATE',
        platformVersion: '1.4.0',
        platformFamily: 'Linux',
        loadBalancers: [],
        serviceRegistries: [],
        networkConfiguration: {
          awsvpcConfiguration: { subnets: ['subnet-a'], securityGroups: [], assignPublicIp: 'DISABLED' },
        },
        containerImages: [],
        guardDutyEnabled: false,
        createdAt: new Date('2026-01-01T00:00:00Z'),
      },
    ])
  })

  it.each([
    [[], 'serviceRevisionArns can not be empty.'],
    [Array.from({ length: 21 }, String), 'serviceRevisionArns can have at most 20 items.'],
  ])('refuses %j', async (serviceRevisionArns, message) => {
    await expect(ask('DescribeServiceRevisions', { serviceRevisionArns })).rejects.toEqual(invalid(message))
  })
})

describe('StopServiceDeployment', () => {
  const stop = (more: object = {}) => ask('StopServiceDeployment', { serviceDeploymentArn: first, ...more })
  const wish = async () =>
    (await world.call.store.read((reader) => deploymentNamed(reader, world.call.scope, first)))?.spec.stop

  it('records the wish once', async () => {
    expect(await stop()).toEqual({ serviceDeploymentArn: first })
    await (world.call.clock as SimulatedClock).advance(60)
    await stop({ stopType: 'ROLLBACK' })
    expect(await wish()).toEqual({ type: 'ROLLBACK', at: '2026-01-01T00:00:00.000Z' })
  })

  it.each(['SUCCESSFUL', 'STOPPED', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_FAILED'] as const)(
    'comes too late for one that is %s',
    async (state) => {
      await progressed(first, { state })
      await expect(stop()).rejects.toEqual(
        refusal('ConflictException', `The service deployment can not be stopped, because its status is ${state}.`),
      )
      expect(await wish()).toBeUndefined()
    },
  )

  it('knows no other type, and no deployment that is not there', async () => {
    await expect(stop({ stopType: 'ABORT' })).rejects.toEqual(invalid('ABORT should be one of [ROLLBACK]'))
    await expect(ask('StopServiceDeployment', { serviceDeploymentArn: `${first}0` })).rejects.toEqual(
      refusal('ServiceDeploymentNotFoundException', 'Service deployment not found.'),
    )
  })
})

describe('ContinueServiceDeployment', () => {
  const go = (hookId: string, more: object = {}) =>
    ask('ContinueServiceDeployment', { serviceDeploymentArn: first, hookId, ...more })
  const hook = { stage: 'POST_SCALE_UP', step: 0, startedAt: '2026-01-01T00:00:00.000Z' } as const

  beforeEach(() =>
    progressed(first, {
      hooks: [
        { ...hook, hookId: 'done', targetType: 'PAUSE', status: 'SUCCEEDED' },
        { ...hook, hookId: 'waits', targetType: 'PAUSE', status: 'AWAITING_ACTION' },
      ],
    }),
  )

  it.each([
    [{}, 'CONTINUE'],
    [{ action: 'ROLLBACK' }, 'ROLLBACK'],
  ])('%j answers the hook that waits: %s', async (more, answer) => {
    expect(await go('waits', more)).toEqual({ serviceDeploymentArn: first })
    const deployment = await world.call.store.read((reader) => deploymentNamed(reader, world.call.scope, first))
    expect(deployment?.spec.answers).toEqual({ waits: answer })
  })

  it('answers no hook twice, and none that does not wait', async () => {
    await go('waits')
    await expect(go('waits')).rejects.toEqual(invalid('The lifecycle hook waits is not awaiting an action.'))
    await expect(go('done')).rejects.toEqual(invalid('The lifecycle hook done is not awaiting an action.'))
    await expect(go('none')).rejects.toEqual(
      invalid('The lifecycle hook none does not exist in the service deployment.'),
    )
    await expect(ask('ContinueServiceDeployment', { serviceDeploymentArn: 'none', hookId: 'waits' })).rejects.toEqual(
      refusal('ServiceDeploymentNotFoundException', 'Service deployment not found.'),
    )
  })
})
