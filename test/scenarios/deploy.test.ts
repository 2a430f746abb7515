// Goal: a CodeDeploy deployment of an ECS service takes its steps in AWS's order: the replacement task set, test traffic,
// hooks, production traffic in steps, the end of the original.
// Method: real controllers in simulated time, a fake load balancer; diaries of events, listeners' weights and task sets.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html

import { beforeEach, describe, expect, it } from 'vitest'
import { DeployWorld } from './deploy-world.ts'

let world: DeployWorld

beforeEach(async () => {
  world = (await new DeployWorld().begin()) as DeployWorld
})

describe('traffic goes over', () => {
  it('all at once, and the original task set ends', async () => {
    await world.deployable()
    const id = await world.bluegreen()
    await world.advance(600)
    expect(world.story).toMatchInlineSnapshot(`
      "
        0:00  — CreateDeployment
              d1 Created
              d1 InProgress
              d1 BeforeInstall Succeeded
              :80 blue 100 · green 0
              t2 ACTIVE
              t2 STABILIZING
              d1 Install InProgress
              t2 STEADY_STATE
              d1 Install Succeeded
              d1 AfterInstall Succeeded
              d1 BeforeAllowTraffic Succeeded
              t2 PRIMARY
              t1 ACTIVE
              :80 blue 0 · green 100
              d1 AllowTraffic Succeeded
              d1 AfterAllowTraffic Succeeded
              t1 DRAINING
              d1 Succeeded
              t1 STABILIZING
              t2 STABILIZING
              t2 STEADY_STATE
              t1 gone
      "
    `)
    expect(await world.deployment(id)).toMatchObject({ status: 'Succeeded', creator: 'user' })
  })

  it('a tenth first, and the rest after five minutes', async () => {
    await world.deployable({ config: 'CodeDeployDefault.ECSCanary10Percent5Minutes', test: true, termination: 5 })
    await world.bluegreen()
    await world.advance(1200)
    expect(world.story).toMatchInlineSnapshot(`
      "
        0:00  — CreateDeployment
              d1 Created
              d1 InProgress
              d1 BeforeInstall Succeeded
              :80 blue 100 · green 0
              t2 ACTIVE
              t2 STABILIZING
              d1 Install InProgress
              t2 STEADY_STATE
              d1 Install Succeeded
              d1 AfterInstall Succeeded
              :8080 blue 0 · green 100
              d1 AllowTestTraffic Succeeded
              d1 AfterAllowTestTraffic Succeeded
              d1 BeforeAllowTraffic Succeeded
              :80 blue 90 · green 10
              d1 AllowTraffic InProgress
        5:00  t1 ACTIVE
              t2 PRIMARY
              :80 blue 0 · green 100
              d1 AllowTraffic Succeeded
              d1 AfterAllowTraffic Succeeded
       10:00  t1 DRAINING
              d1 Succeeded
              t1 STABILIZING
              t2 STABILIZING
              t2 STEADY_STATE
              t1 gone
      "
    `)
  })

  it('a tenth every minute', async () => {
    await world.deployable({ config: 'CodeDeployDefault.ECSLinear10PercentEvery1Minutes' })
    await world.bluegreen()
    await world.advance(3600)
    expect(world.story).toMatchInlineSnapshot(`
      "
        0:00  — CreateDeployment
              d1 Created
              d1 InProgress
              d1 BeforeInstall Succeeded
              :80 blue 100 · green 0
              t2 ACTIVE
              t2 STABILIZING
              d1 Install InProgress
              t2 STEADY_STATE
              d1 Install Succeeded
              d1 AfterInstall Succeeded
              d1 BeforeAllowTraffic Succeeded
              :80 blue 90 · green 10
              d1 AllowTraffic InProgress
        1:00  :80 blue 80 · green 20
        2:00  :80 blue 70 · green 30
        3:00  :80 blue 60 · green 40
        4:00  :80 blue 50 · green 50
        5:00  :80 blue 40 · green 60
        6:00  :80 blue 30 · green 70
        7:00  :80 blue 20 · green 80
        8:00  :80 blue 10 · green 90
        9:00  t2 PRIMARY
              t1 ACTIVE
              :80 blue 0 · green 100
              d1 AllowTraffic Succeeded
              d1 AfterAllowTraffic Succeeded
              t1 DRAINING
              d1 Succeeded
              t1 STABILIZING
              t2 STABILIZING
              t2 STEADY_STATE
              t1 gone
      "
    `)
  })

  it('as a configuration of one’s own says, where the last step is smaller', async () => {
    await world.askDeploy('CreateDeploymentConfig', {
      deploymentConfigName: 'thirds',
      computePlatform: 'ECS',
      trafficRoutingConfig: { type: 'TimeBasedLinear', timeBasedLinear: { linearPercentage: 40, linearInterval: 7 } },
    } as never)
    await world.deployable({ config: 'thirds' })
    await world.bluegreen()
    await world.advance(3600)
    expect(world.story.match(/[\d:]* *:80 .*/g)).toEqual([
      '        :80 blue 100 · green 0',
      '        :80 blue 60 · green 40',
      '7:00  :80 blue 20 · green 80',
      '        :80 blue 0 · green 100',
    ])
  })

  it('at every rule of the listener that sends requests to the service, and at no other', async () => {
    await world.deployable()
    const rule = (priority: number, action: object) =>
      world.askElb('CreateRule', {
        ListenerArn: world.listenerArn,
        Priority: priority,
        Conditions: [{ Field: 'path-pattern', Values: [`/${priority}`] }],
        Actions: [action],
      } as never)
    await rule(1, { Type: 'forward', TargetGroupArn: world.groups[0] })
    await rule(2, { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } })
    await world.bluegreen()
    await world.advance(60)
    const { Rules: rules = [] } = await world.askElb('DescribeRules', { ListenerArn: world.listenerArn } as never)
    const shown = rules.map(({ Priority, Actions: [action] = [] }) => [
      Priority,
      action?.ForwardConfig?.TargetGroups?.map(({ TargetGroupArn, Weight }) => [
        world.groups.indexOf(TargetGroupArn ?? ''),
        Weight,
      ]),
    ])
    const shifted = [
      [0, 0],
      [1, 100],
    ]
    expect(shown).toEqual([
      ['1', shifted],
      ['2', undefined],
      ['default', shifted],
    ])
  })

  it('and back to the first target group with the next deployment', async () => {
    await world.deployable({ test: true })
    await world.bluegreen()
    await world.advance(600)
    const mark = world.story.length
    const id = await world.bluegreen()
    await world.advance(600)
    expect(world.story.slice(mark)).toMatchInlineSnapshot(`
      " 10:00  — CreateDeployment
              d2 Created
              d2 InProgress
              d2 BeforeInstall Succeeded
              :80 green 100 · blue 0
              t3 ACTIVE
              t3 STABILIZING
              d2 Install InProgress
              t3 STEADY_STATE
              d2 Install Succeeded
              d2 AfterInstall Succeeded
              :8080 green 0 · blue 100
              d2 AllowTestTraffic Succeeded
              d2 AfterAllowTestTraffic Succeeded
              d2 BeforeAllowTraffic Succeeded
              t3 PRIMARY
              t2 ACTIVE
              :80 green 0 · blue 100
              d2 AllowTraffic Succeeded
              d2 AfterAllowTraffic Succeeded
              t2 DRAINING
              d2 Succeeded
              t2 STABILIZING
              t3 STABILIZING
              t3 STEADY_STATE
              t2 gone
      "
    `)
    expect(await world.live()).toHaveLength(2)
    expect((await world.deployment(id)).previousRevision).toBeDefined()
  })
})

describe('a deployment waits', () => {
  it('for ContinueDeployment before production traffic goes over', async () => {
    await world.deployable({ readyWait: 30, test: true })
    const deploymentId = await world.bluegreen()
    await expect(world.askDeploy('ContinueDeployment', { deploymentId } as never)).rejects.toThrow(
      "does not have a status of Ready and can't continue yet.",
    )
    await world.advance(600)
    expect(await world.deployment(deploymentId)).toMatchObject({
      status: 'Ready',
      deploymentOverview: { Ready: 1, InProgress: 0 },
    })
    expect(await world.eventsOf(deploymentId)).toEqual([
      'BeforeInstall Succeeded',
      'Install Succeeded',
      'AfterInstall Succeeded',
      'AllowTestTraffic Succeeded',
      'AfterAllowTestTraffic Succeeded',
      'BeforeAllowTraffic Pending',
      'AllowTraffic Pending',
      'AfterAllowTraffic Pending',
    ])
    await world.askDeploy('ContinueDeployment', { deploymentId, deploymentWaitType: 'READY_WAIT' } as never)
    await world.advance(60)
    expect(await world.deployment(deploymentId)).toMatchObject({ status: 'Succeeded' })
  })

  it('no longer than configured', async () => {
    await world.deployable({ readyWait: 30 })
    const id = await world.bluegreen()
    await world.advance(1801)
    expect(await world.deployment(id)).toMatchObject({
      status: 'Stopped',
      errorInformation: {
        code: 'TIMEOUT',
        message:
          'The deployment timed out while waiting for a notification to continue. This time out period is 30 minutes.',
      },
    })
  })

  it('before the original task set ends, unless told to go on', async () => {
    await world.deployable({ termination: 60 })
    const deploymentId = await world.bluegreen()
    await world.advance(600)
    expect(await world.deployment(deploymentId)).toMatchObject({
      status: 'InProgress',
      instanceTerminationWaitTimeStarted: true,
    })
    expect(await world.live()).toHaveLength(4)
    const ask = { deploymentId, deploymentWaitType: 'TERMINATION_WAIT' } as never
    await world.askDeploy('ContinueDeployment', ask)
    await world.advance(60)
    expect(await world.deployment(deploymentId)).toMatchObject({ status: 'Succeeded' })
    expect(await world.live()).toHaveLength(2)
    await expect(world.askDeploy('ContinueDeployment', ask)).rejects.toThrow('has already completed')
  })
})

describe('hooks', () => {
  const HOOKS = { BeforeInstall: 'before-install', AfterAllowTestTraffic: 'try-it', AfterAllowTraffic: 'look' }

  it('are invoked at their events, and answer by PutLifecycleEventHookExecutionStatus', async () => {
    await world.deployable({ test: true })
    world.deploymentHooks = async ({ deploymentId, hookExecutionId, target }) => {
      world.tell(`invoked ${target}`)
      await world.clock.sleep(30)
      await world.askDeploy('PutLifecycleEventHookExecutionStatus', {
        deploymentId,
        lifecycleEventHookExecutionId: hookExecutionId,
        status: 'Succeeded',
      } as never)
    }
    await world.bluegreen({ hooks: HOOKS })
    await world.advance(600)
    expect(world.story).toMatchInlineSnapshot(`
      "
        0:00  — CreateDeployment
              d1 Created
              d1 InProgress
              d1 BeforeInstall InProgress
              invoked before-install
        0:30  d1 BeforeInstall Succeeded
              :80 blue 100 · green 0
              t2 ACTIVE
              t2 STABILIZING
              d1 Install InProgress
              t2 STEADY_STATE
              d1 Install Succeeded
              d1 AfterInstall Succeeded
              :8080 blue 0 · green 100
              d1 AllowTestTraffic Succeeded
              d1 AfterAllowTestTraffic InProgress
              invoked try-it
        1:00  d1 AfterAllowTestTraffic Succeeded
              d1 BeforeAllowTraffic Succeeded
              t1 ACTIVE
              t2 PRIMARY
              :80 blue 0 · green 100
              d1 AllowTraffic Succeeded
              d1 AfterAllowTraffic InProgress
              invoked look
        1:30  d1 AfterAllowTraffic Succeeded
              t1 DRAINING
              d1 Succeeded
              t1 STABILIZING
              t2 STABILIZING
              t2 STEADY_STATE
              t1 gone
      "
    `)
  })

  it('are invoked once, and again by a control plane that has come after', async () => {
    await world.deployable()
    const invoked: string[] = []
    world.deploymentHooks = async ({ hookExecutionId }) => void invoked.push(hookExecutionId)
    const deploymentId = await world.bluegreen({ hooks: { BeforeInstall: 'x' } })
    await world.advance(1200)
    expect(invoked).toHaveLength(1)
    await world.restart()
    await world.advance(60)
    expect(invoked).toEqual([invoked[0], invoked[0]])
    const answer = (status: string) =>
      world.askDeploy('PutLifecycleEventHookExecutionStatus', {
        deploymentId,
        lifecycleEventHookExecutionId: invoked[0],
        status,
      } as never)
    await expect(answer('Skipped')).rejects.toThrow('must be Succeeded or Failed')
    await answer('Succeeded')
    await world.advance(60)
    expect(await world.deployment(deploymentId)).toMatchObject({ status: 'Succeeded' })
    await expect(answer('Failed')).rejects.toThrow('has already completed')
  })

  it('fail the deployment when they answer so', async () => {
    await world.deployable({ test: true })
    world.deploymentHooks = async ({ deploymentId, hookExecutionId }) => {
      const answer = { deploymentId, lifecycleEventHookExecutionId: hookExecutionId, status: 'Failed' }
      await world.askDeploy('PutLifecycleEventHookExecutionStatus', answer as never)
    }
    await world.bluegreen({ hooks: { AfterAllowTestTraffic: 'try-it' } })
    await world.advance(60)
    expect(world.story).toMatchInlineSnapshot(`
      "
        0:00  — CreateDeployment
              d1 Created
              d1 InProgress
              d1 BeforeInstall Succeeded
              :80 blue 100 · green 0
              t2 ACTIVE
              t2 STABILIZING
              d1 Install InProgress
              t2 STEADY_STATE
              d1 Install Succeeded
              d1 AfterInstall Succeeded
              :8080 blue 0 · green 100
              d1 AllowTestTraffic Succeeded
              d1 AfterAllowTestTraffic InProgress
              d1 AfterAllowTestTraffic Failed
              d1 BeforeAllowTraffic Skipped
              d1 AllowTraffic Skipped
              d1 AfterAllowTraffic Skipped
              d1 Failed: HOOK_EXECUTION_FAILURE The deployment failed because one or more of the lifecycle event validation functions failed.
      "
    `)
  })

  it('fail the deployment when they cannot be invoked', async () => {
    await world.deployable()
    world.deploymentHooks = async () => {
      throw new Error('nobody there')
    }
    const deploymentId = await world.bluegreen({ hooks: { AfterInstall: 'check' } })
    await world.advance(60)
    expect(await world.deployment(deploymentId)).toMatchObject({
      status: 'Failed',
      errorInformation: { code: 'HOOK_EXECUTION_FAILURE' },
    })
    const { deploymentTarget } = await world.askDeploy('GetDeploymentTarget', {
      deploymentId,
      targetId: 'default:web',
    } as never)
    expect(deploymentTarget?.ecsTarget?.lifecycleEvents?.[2]).toMatchObject({
      lifecycleEventName: 'AfterInstall',
      status: 'Failed',
      diagnostics: { errorCode: 'UnknownError', message: 'nobody there' },
    })
  })

  it('have an hour to answer', async () => {
    await world.deployable()
    const deploymentId = await world.bluegreen({ hooks: { BeforeAllowTraffic: 'check' } })
    await world.advance(3590)
    expect(await world.deployment(deploymentId)).toMatchObject({ status: 'InProgress' })
    await world.advance(20)
    expect(await world.deployment(deploymentId)).toMatchObject({
      status: 'Failed',
      errorInformation: {
        code: 'TIMEOUT',
        message:
          'The deployment timed out while waiting for a status callback. CodeDeploy expects a status callback within ' +
          'one hour after a deployment hook is invoked.',
      },
    })
  })
})
