// Deployments as they are refused and shown; what becomes of them is in test/scenarios.

import { describe, expect, it } from 'vitest'
import { type Answer, ask, world } from '#test/code-deploy-calls.ts'
import { refusal } from '#test/refusal.ts'

describe('deployments are refused', () => {
  const content = 'version: 0.0'
  it.each([
    ['ApplicationDoesNotExistException', { applicationName: 'x' }, 'No application found for name: x'],
    ['DeploymentGroupNameRequiredException', { deploymentGroupName: undefined }, 'Deployment Group name is missing'],
    ['DeploymentGroupDoesNotExistException', { deploymentGroupName: 'x' }, 'No Deployment Group found for name: x'],
    ['RevisionRequiredException', { revision: undefined }, 'RevisionLocation must be specified'],
    [
      'InvalidRevisionException',
      { revision: { revisionType: 'S3', s3Location: { bucket: 'b', key: 'k', bundleType: 'zip' } } },
      'BundleType must be either YAML or JSON',
    ],
    [
      'InvalidRevisionException',
      { revision: { revisionType: 'GitHub', gitHubLocation: { repository: 'a/b', commitId: 'c' } } },
      'For ECS deployment group, revision type can only be S3, String or AppSpecContent',
    ],
    [
      'InvalidRevisionException',
      { revision: { revisionType: 'AppSpecContent', appSpecContent: { content, sha256: 'abc' } } },
      'The SHA256 hash value does not match the content of the revision',
    ],
    [
      'DeploymentConfigDoesNotExistException',
      { deploymentConfigName: 'x' },
      'No Deployment Configuration found for name: x',
    ],
  ])('with %s: %#', async (code, more, message) => {
    await world.deployable()
    await expect(world.bluegreen(more as never)).rejects.toEqual(refusal(code, message))
  })

  it('where they are named wrongly, or are another region’s', async () => {
    await expect(ask('GetDeployment', { deploymentId: 'x' })).rejects.toEqual(
      refusal('InvalidDeploymentIdException', 'The deployment ID x is not valid'),
    )
    const deploymentId = 'd-ABCDEFGHI'
    const text = 'The deployment d-ABCDEFGHI could not be found'
    await expect(ask('GetDeployment', { deploymentId })).rejects.toEqual(
      refusal('DeploymentDoesNotExistException', text),
    )
    await expect(ask('StopDeployment', { deploymentId })).rejects.toEqual(
      refusal('DeploymentDoesNotExistException', text),
    )
    await world.deployable()
    const own = await world.bluegreen()
    await expect(ask('GetDeploymentTarget', { deploymentId: own, targetId: 'default:other' })).rejects.toEqual(
      refusal(
        'DeploymentTargetDoesNotExistException',
        `The target ID default:other was not found in the deployment ${own}`,
      ),
    )
    await expect(
      ask('PutLifecycleEventHookExecutionStatus', {
        deploymentId: own,
        lifecycleEventHookExecutionId: 'x',
        status: 'Succeeded',
      }),
    ).rejects.toEqual(
      refusal('InvalidLifecycleEventHookExecutionIdException', 'The lifecycle event hook execution ID x is not valid'),
    )
  })
})

const recorded = (from: Date, seconds: number): Date => new Date(from.getTime() + seconds * 1000)

describe('deployments are shown', () => {
  it('with their target and task sets, and listed by status and time', async () => {
    await world.deployable({ config: 'CodeDeployDefault.ECSCanary10Percent5Minutes' })
    const began = world.clock.now()
    const deploymentId = await world.bluegreen({ description: 'the second' })
    await world.advance(60)
    expect(await ask('ListDeploymentTargets', { deploymentId })).toEqual({ targetIds: ['default:web'] })
    const filtered = { deploymentId, targetFilters: { TargetStatus: ['Failed'] } }
    expect(await ask('ListDeploymentTargets', filtered)).toEqual({ targetIds: [] })
    const { deploymentTargets } = await ask('BatchGetDeploymentTargets', { deploymentId, targetIds: ['default:web'] })
    expect(deploymentTargets).toEqual([
      {
        deploymentTargetType: 'ECSTarget',
        ecsTarget: expect.objectContaining({
          deploymentId,
          targetId: 'default:web',
          targetArn: 'arn:aws:ecs:eu-west-1:123456789012:service/default/web',
          status: 'InProgress',
          taskSetsInfo: [
            {
              identifer: expect.stringMatching(/^ecs-svc\/\d{19}$/),
              desiredCount: 2,
              pendingCount: 0,
              runningCount: 2,
              status: 'PRIMARY',
              trafficWeight: 90,
              targetGroup: { name: 'blue' },
              taskSetLabel: 'Blue',
            },
            expect.objectContaining({
              status: 'ACTIVE',
              trafficWeight: 10,
              targetGroup: { name: 'green' },
              taskSetLabel: 'Green',
            }),
          ],
        }),
      },
    ])
    const { deploymentsInfo } = await ask('BatchGetDeployments', { deploymentIds: [deploymentId] })
    expect(deploymentsInfo).toEqual([
      expect.objectContaining({
        description: 'the second',
        status: 'InProgress',
        deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
        deploymentOverview: { Pending: 0, InProgress: 1, Succeeded: 0, Failed: 0, Skipped: 0, Ready: 0 },
        computePlatform: 'ECS',
      }),
    ])
    const list = (input: object): Promise<Answer> => ask('ListDeployments', input)
    const ofGroup = { applicationName: 'web', deploymentGroupName: 'web' }
    expect((await list(ofGroup)).deployments).toEqual([deploymentId])
    expect((await list({ includeOnlyStatuses: ['Succeeded'] })).deployments).toEqual([])
    expect((await list({ createTimeRange: { start: began } })).deployments).toEqual([deploymentId])
    expect((await list({ createTimeRange: { end: recorded(began, -1) } })).deployments).toEqual([])
    await expect(list({ createTimeRange: { start: began, end: recorded(began, -1) } })).rejects.toMatchObject({
      code: 'InvalidTimeRangeException',
    })
    await expect(list({ deploymentGroupName: 'web' })).rejects.toEqual(
      refusal('ApplicationNameRequiredException', 'Application name is missing'),
    )
    const some = await ask('BatchGetDeployments', { deploymentIds: ['d-AAAAAAAAA', deploymentId] })
    expect((some.deploymentsInfo as { deploymentId: string }[]).map((one) => one.deploymentId)).toEqual([deploymentId])
  })
})
