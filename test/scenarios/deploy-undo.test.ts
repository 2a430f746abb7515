// Goal: a CodeDeploy deployment that fails, is stopped or sets off an alarm ends where it stands, and is taken back by a
// deployment of its own where that is configured; what cannot be deployed fails in AWS's words.
// Method: as in deploy.test.ts.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html

import { beforeEach, describe, expect, it } from 'vitest'
import { listeners } from '#apis/elbv2/tables.ts'
import { Fault } from '#base/fault.ts'
import { DeployWorld } from './deploy-world.ts'
import { SettableAlarms } from './settable-alarms.ts'

const CANARY = 'CodeDeployDefault.ECSCanary10Percent5Minutes'

let world: DeployWorld
let alarms: SettableAlarms

beforeEach(async () => {
  alarms = new SettableAlarms()
  world = (await new DeployWorld({ asks: { alarms } }).begin()) as DeployWorld
})

const stop = (deploymentId: string, autoRollbackEnabled?: boolean) =>
  world.askDeploy('StopDeployment', {
    deploymentId,
    ...(autoRollbackEnabled === undefined ? {} : { autoRollbackEnabled }),
  } as never)

/** Task sets as "PRIMARY 2" or "ACTIVE 2", and the weights of blue and green in production. */
const standing = async (): Promise<string> => {
  const { taskSets = [] } = await world.described()
  const { Listeners: all = [] } = await world.askElb('DescribeListeners', {
    ListenerArns: [world.listenerArn],
  } as never)
  const weights = all[0]?.DefaultActions?.[0]?.ForwardConfig?.TargetGroups ?? []
  const weightOf = (group: number) =>
    weights.find(({ TargetGroupArn }) => TargetGroupArn === world.groups[group])?.Weight ?? 0
  const sets = taskSets.map(({ status, runningCount }) => `${status} ${runningCount}`).toSorted()
  return `${sets.join(', ')}; blue ${weightOf(0)} green ${weightOf(1)}`
}

describe('StopDeployment', () => {
  it('with rollback gives the traffic back and takes the replacement away', async () => {
    await world.deployable({ config: CANARY, test: true })
    const id = await world.bluegreen()
    await world.advance(60)
    expect(await standing()).toBe('ACTIVE 2, PRIMARY 2; blue 90 green 10')
    world.tell('— StopDeployment with rollback')
    expect(await stop(id, true)).toEqual({ status: 'Pending', statusMessage: expect.any(String) })
    await world.advance(600)
    expect(world.story.slice(world.story.indexOf('  1:00'))).toMatchInlineSnapshot(`
      "  1:00  — StopDeployment with rollback
              d2 Created (undoes d1)
              d1 AllowTraffic Failed
              d1 AfterAllowTraffic Skipped
              d1 Stopped: MANUAL_STOP The deployment was stopped by a request.
              t2 DRAINING
              :80 blue 100 · green 0
              :8080 blue 100 · green 0
              d2 AllowTraffic Succeeded
              d2 Succeeded (undoes d1)
              t2 STABILIZING
              t2 gone
      "
    `)
    expect(await standing()).toBe('PRIMARY 2; blue 100 green 0')
    const stopped = await world.deployment(id)
    const rollback = await world.deployment(stopped.rollbackInfo?.rollbackDeploymentId ?? '')
    expect(stopped).toMatchObject({
      status: 'Stopped',
      errorInformation: { code: 'MANUAL_STOP' },
      rollbackInfo: {
        rollbackMessage: `Deployment ${id} terminated. Automatic rollback is triggered with a DeploymentId ${rollback.deploymentId}.`,
      },
    })
    expect(rollback).toMatchObject({
      status: 'Succeeded',
      creator: 'codeDeployRollback',
      deploymentConfigName: 'CodeDeployDefault.ECSAllAtOnce',
      rollbackInfo: {
        rollbackTriggeringDeploymentId: id,
        rollbackMessage: `Deployment ${rollback.deploymentId} is triggered to roll back deployment ${id}.`,
      },
    })
    await expect(stop(id)).rejects.toThrow('has already completed')
  })

  it('gives the traffic back after all of it has gone over, as long as the original is there', async () => {
    await world.deployable({ termination: 60, test: true, rollbackOn: ['DEPLOYMENT_STOP_ON_REQUEST'] })
    const id = await world.bluegreen()
    await world.advance(60)
    expect(await standing()).toBe('ACTIVE 2, PRIMARY 2; blue 0 green 100')
    await stop(id)
    await world.advance(600)
    expect(await standing()).toBe('PRIMARY 2; blue 100 green 0')
  })

  it('without rollback leaves all as it is, and the next deployment needs the listener to be put right', async () => {
    await world.deployable({ config: CANARY })
    await stop(await world.bluegreen())
    await world.advance(60)
    const id = await world.bluegreen()
    await world.advance(60)
    await stop(id, false)
    await world.advance(600)
    expect(await standing()).toBe('ACTIVE 2, PRIMARY 2; blue 90 green 10')
    const refused = await world.bluegreen()
    await world.advance(60)
    expect((await world.deployment(refused)).errorInformation).toEqual({
      code: 'ELASTIC_LOAD_BALANCING_INVALID',
      message:
        'The ELB could not be updated due to the following error: ' +
        'Green taskset target group cannot have non-zero weight prior to traffic shifting',
    })
    await world.askElb('ModifyListener', {
      ListenerArn: world.listenerArn,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: world.groups[0] }],
    } as never)
    const last = await world.bluegreen()
    await world.advance(900)
    expect(await world.deployment(last)).toMatchObject({ status: 'Succeeded' })
    expect(await standing()).toBe('PRIMARY 2; blue 0 green 100')
  })
})

describe('alarms', () => {
  const set = (name: string, isInAlarm: boolean): void => alarms.set(name, isInAlarm, 60)

  it('stop a deployment, which goes back', async () => {
    await world.deployable({ config: CANARY, alarms: ['5xx', 'slow'], rollbackOn: ['DEPLOYMENT_STOP_ON_ALARM'] })
    set('slow', false)
    await world.bluegreen()
    await world.advance(60)
    world.tell('— 5xx is in ALARM')
    set('5xx', true)
    await world.advance(600)
    expect(world.story.slice(world.story.indexOf('  1:00'))).toMatchInlineSnapshot(`
      "  1:00  — 5xx is in ALARM
              d2 Created (undoes d1)
              d1 AllowTraffic Failed
              d1 AfterAllowTraffic Skipped
              d1 Stopped: ALARM_ACTIVE One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <5xx>
              t2 DRAINING
              :80 blue 100 · green 0
              d2 AllowTraffic Succeeded
              d2 Succeeded (undoes d1)
              t2 STABILIZING
              t2 gone
      "
    `)
    expect(await standing()).toBe('PRIMARY 2; blue 100 green 0')
  })

  it('end a deployment of CodeDeploy’s and one of another service’s own, told once', async () => {
    await world.deployable({ config: CANARY, alarms: ['5xx'], rollbackOn: ['DEPLOYMENT_STOP_ON_ALARM'] })
    set('5xx', false)
    const service = 'api'
    const watching = { alarms: { alarmNames: ['5xx'], enable: true, rollback: true } }
    await world.create(await world.app(), 1, { serviceName: service, deploymentConfiguration: watching })
    await world.advance(120)
    const id = await world.bluegreen()
    await world.ask('UpdateService', { service, forceNewDeployment: true } as never)
    await world.advance(20)
    set('5xx', true)
    await world.advance(60)
    expect(await world.deployment(id)).toMatchObject({
      status: 'Stopped',
      errorInformation: { code: 'ALARM_ACTIVE' },
      rollbackInfo: { rollbackDeploymentId: expect.any(String) },
    })
    expect((await world.deployments()).map(({ progress }) => progress.state)).toEqual([
      'SUCCESSFUL',
      'ROLLBACK_SUCCESSFUL',
    ])
  })

  it('that a deployment overrides do not count', async () => {
    await world.deployable({ alarms: ['5xx'] })
    set('5xx', true)
    const id = await world.bluegreen({ overrideAlarmConfiguration: { enabled: false } })
    await world.advance(600)
    expect(await world.deployment(id)).toMatchObject({
      status: 'Succeeded',
      overrideAlarmConfiguration: { enabled: false, alarms: [] },
    })
  })
})

describe('failures', () => {
  const failed = async (id: string) => {
    await world.advance(3700)
    const { status, errorInformation } = await world.deployment(id)
    return `${status} ${errorInformation?.code}: ${errorInformation?.message}`
  }

  it('of a replacement that never becomes healthy are noticed after an hour, and undone', async () => {
    await world.deployable({ rollbackOn: ['DEPLOYMENT_FAILURE'] })
    const id = await world.bluegreen({ script: { startFault: () => new Fault('invalid', 'no such program') } })
    expect(await failed(id)).toBe(
      'Failed TIMEOUT: The deployment timed out while waiting for the replacement task set to become healthy. ' +
        'This time out period is 60 minutes.',
    )
    expect(await standing()).toBe('PRIMARY 2; blue 100 green 0')
    const { rollbackInfo } = await world.deployment(id)
    expect(await world.deployment(rollbackInfo?.rollbackDeploymentId ?? '')).toMatchObject({ status: 'Succeeded' })
  })

  it('of a container that the task definition does not have are told as by ECS', async () => {
    await world.deployable()
    const content = JSON.stringify({
      version: 0.0,
      Resources: [
        {
          TargetService: {
            Type: 'AWS::ECS::Service',
            Properties: {
              TaskDefinition: await world.app(),
              LoadBalancerInfo: { ContainerName: 'nobody', ContainerPort: 80 },
            },
          },
        },
      ],
    })
    const id = await world.bluegreen({ revision: { revisionType: 'AppSpecContent', appSpecContent: { content } } })
    expect(await failed(id)).toBe(
      'Failed ECS_UPDATE_ERROR: The ECS service cannot be updated due to an unexpected error: ' +
        'The container nobody does not exist in the task definition. (Service: AmazonECS; Status Code: 400; ' +
        'Error Code: InvalidParameterException; Request ID: request; Proxy: null). Check your ECS service status.',
    )
    expect(await world.eventsOf(id)).toContain('Install Skipped')
  })

  it('of a revision in S3 are those of a bucket that is not there', async () => {
    await world.deployable()
    const s3Location = { bucket: 'b', key: 'appspec.yaml', bundleType: 'YAML' } as const
    const id = await world.bluegreen({ revision: { revisionType: 'S3', s3Location } })
    expect(await failed(id)).toMatch(/^Failed INVALID_REVISION: The AppSpec file cannot be located in the specified S3/)
  })

  it('of listeners that do not send requests to the service change nothing', async () => {
    await world.deployable()
    await world.askElb('ModifyListener', {
      ListenerArn: world.listenerArn,
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } }],
    } as never)
    const id = await world.bluegreen()
    expect(await failed(id)).toBe(
      'Failed ELASTIC_LOAD_BALANCING_INVALID: The ELB could not be updated due to the following error: ' +
        `Primary taskset target group must be behind listener ${world.listenerArn}`,
    )
    expect(await world.eventsOf(id)).toEqual([
      'BeforeInstall Succeeded',
      'Install Failed',
      'AfterInstall Skipped',
      'BeforeAllowTraffic Skipped',
      'AllowTraffic Skipped',
      'AfterAllowTraffic Skipped',
    ])
    expect(await world.live()).toHaveLength(2)
  })

  it('of a listener that is taken away while traffic goes over end it', async () => {
    await world.deployable({ config: CANARY })
    const id = await world.bluegreen()
    await world.advance(60)
    await world.store.write((tx) => tx.delete(listeners, world.listenerArn))
    expect(await failed(id)).toMatch(/^Failed ELASTIC_LOAD_BALANCING_INVALID: .* One or more listeners not found$/)
  })

  it('of a service that is deleted end it', async () => {
    await world.deployable({ config: CANARY })
    const id = await world.bluegreen()
    await world.advance(60)
    await world.ask('DeleteService', { service: 'web', force: true } as never)
    expect(await failed(id)).toBe('Failed INVALID_ECS_SERVICE: The ECS service does not exist or is not active.')
    await world.advance(600)
    expect(await world.live()).toEqual([])
  })
})

describe('one deployment at a time', () => {
  it('refuses a second one until the first is over', async () => {
    await world.deployable({ config: CANARY })
    const id = await world.bluegreen()
    await expect(world.bluegreen()).rejects.toThrow(
      `The Deployment Group 'web' already has an active Deployment '${id}'`,
    )
    await world.advance(900)
    await world.bluegreen()
  })
})
