// Goal: applications, configurations, deployment groups, revisions and tags as CodeDeploy keeps them, and its refusals.
// Method: the operations on a world with a service that CodeDeploy deploys; deployments are in test/scenarios.

import type { CreateDeploymentGroupInput } from '@aws-sdk/client-codedeploy'
import { beforeEach, describe, expect, it } from 'vitest'
import { refusal } from '#test/refusal.ts'
import { DeployWorld } from '#test/scenarios/deploy-world.ts'

let world: DeployWorld
/** Answers are looked at, not worked with: their types would only be in the way. */
type Answer = Readonly<Record<string, unknown>>
const ask = (name: string, input: object): Promise<Answer> =>
  world.askDeploy(name as 'GetDeployment', input as never) as unknown as Promise<Answer>

beforeEach(async () => {
  world = (await new DeployWorld().begin()) as DeployWorld
})

describe('applications', () => {
  it('are made, shown, listed, renamed and deleted', async () => {
    const { applicationId } = await ask('CreateApplication', { applicationName: 'web', computePlatform: 'ECS' })
    const shown = {
      applicationId,
      applicationName: 'web',
      computePlatform: 'ECS',
      linkedToGitHub: false,
      createTime: world.clock.now(),
    }
    expect(await ask('GetApplication', { applicationName: 'web' })).toEqual({ application: shown })
    await ask('UpdateApplication', { applicationName: 'web', newApplicationName: 'shop' })
    expect(await ask('BatchGetApplications', { applicationNames: ['shop'] })).toEqual({
      applicationsInfo: [{ ...shown, applicationName: 'shop' }],
    })
    expect(await ask('ListApplications', {})).toEqual({ applications: ['shop'] })
    await ask('DeleteApplication', { applicationName: 'shop' })
    await ask('DeleteApplication', { applicationName: 'shop' })
    await expect(ask('GetApplication', { applicationName: 'shop' })).rejects.toEqual(
      refusal('ApplicationDoesNotExistException', 'No application found for name: shop'),
    )
  })

  it('are for ECS only, and each name is there once', async () => {
    const lambda = { applicationName: 'web', computePlatform: 'Lambda' }
    const text = (platform: string): string => `The compute platform ${platform} is not supported; use ECS`
    await expect(ask('CreateApplication', lambda)).rejects.toEqual(
      refusal('InvalidComputePlatformException', text('Lambda')),
    )
    await expect(ask('CreateApplication', { applicationName: 'web' })).rejects.toEqual(
      refusal('InvalidComputePlatformException', text('Server')),
    )
    const web = { applicationName: 'web', computePlatform: 'ECS' }
    await ask('CreateApplication', web)
    await expect(ask('CreateApplication', web)).rejects.toEqual(
      refusal('ApplicationAlreadyExistsException', 'Application already exists with name: web'),
    )
  })

  it('are listed by the page', async () => {
    for (let at = 0; at < 101; at++) {
      await ask('CreateApplication', { applicationName: `a${String(at).padStart(3, '0')}`, computePlatform: 'ECS' })
    }
    const first = await ask('ListApplications', {})
    expect(first.applications).toHaveLength(100)
    expect(await ask('ListApplications', { nextToken: first.nextToken })).toEqual({ applications: ['a100'] })
    await expect(ask('ListApplications', { nextToken: 'x' })).rejects.toEqual(
      refusal('InvalidNextTokenException', 'The next token is not valid'),
    )
  })
})

describe('deployment configurations', () => {
  const canary = (canaryPercentage: number, canaryInterval: number) => ({
    deploymentConfigName: 'mine',
    computePlatform: 'ECS',
    trafficRoutingConfig: { type: 'TimeBasedCanary', timeBasedCanary: { canaryPercentage, canaryInterval } },
  })

  it('are AWS’s own and the caller’s', async () => {
    expect((await ask('ListDeploymentConfigs', {})).deploymentConfigsList).toEqual([
      'CodeDeployDefault.ECSAllAtOnce',
      'CodeDeployDefault.ECSCanary10Percent15Minutes',
      'CodeDeployDefault.ECSCanary10Percent5Minutes',
      'CodeDeployDefault.ECSLinear10PercentEvery1Minutes',
      'CodeDeployDefault.ECSLinear10PercentEvery3Minutes',
    ])
    const { deploymentConfigId } = await ask('CreateDeploymentConfig', canary(25, 3))
    expect(await ask('GetDeploymentConfig', { deploymentConfigName: 'mine' })).toEqual({
      deploymentConfigInfo: {
        deploymentConfigId,
        deploymentConfigName: 'mine',
        computePlatform: 'ECS',
        createTime: world.clock.now(),
        trafficRoutingConfig: {
          type: 'TimeBasedCanary',
          timeBasedCanary: { canaryPercentage: 25, canaryInterval: 3 },
        },
      },
    })
    await world.deployable({ config: 'mine' })
    const named = { deploymentConfigName: 'mine' }
    await expect(ask('DeleteDeploymentConfig', named)).rejects.toEqual(
      refusal('DeploymentConfigInUseException', 'Deployment Configuration is still in use: mine'),
    )
    await ask('DeleteApplication', { applicationName: 'web' })
    await ask('DeleteDeploymentConfig', named)
    await expect(ask('GetDeploymentConfig', named)).rejects.toEqual(
      refusal('DeploymentConfigDoesNotExistException', 'No Deployment Configuration found for name: mine'),
    )
  })

  it.each([
    [canary(100, 5), 'The canary percentage must be between 1 and 99'],
    [canary(10, 0), 'The canary interval must be between 1 and 2880 minutes'],
    [{ ...canary(10, 5), trafficRoutingConfig: undefined }, 'Traffic routing configuration type must be specified'],
    [
      {
        ...canary(10, 5),
        trafficRoutingConfig: { type: 'TimeBasedLinear', timeBasedLinear: { linearPercentage: 1, linearInterval: 30 } },
      },
      'Traffic must be shifted within 2880 minutes',
    ],
    [
      { ...canary(10, 5), trafficRoutingConfig: { ...canary(10, 5).trafficRoutingConfig, type: 'AllAtOnce' } },
      'Traffic routing configuration does not match its type AllAtOnce',
    ],
  ])('are refused when they make no sense: %#', async (input, message) => {
    await expect(ask('CreateDeploymentConfig', input)).rejects.toEqual(
      refusal('InvalidTrafficRoutingConfigurationException', message),
    )
  })

  it('leave AWS’s own names to AWS', async () => {
    const own = { ...canary(10, 5), deploymentConfigName: 'CodeDeployDefault.Mine' }
    await expect(ask('CreateDeploymentConfig', own)).rejects.toMatchObject({
      code: 'InvalidDeploymentConfigNameException',
    })
    const named = { deploymentConfigName: 'CodeDeployDefault.ECSAllAtOnce' }
    await expect(ask('DeleteDeploymentConfig', named)).rejects.toMatchObject({ code: 'InvalidOperationException' })
  })
})

describe('deployment groups', () => {
  const LISTENER =
    'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/front/0123456789abcdef/0123456789abcdef'
  const pair = (more: object = {}) => ({
    targetGroupPairInfoList: [
      { targetGroups: [{ name: 'blue' }, { name: 'green' }], prodTrafficRoute: { listenerArns: [LISTENER] }, ...more },
    ],
  })
  const group = (more: object = {}): CreateDeploymentGroupInput => ({
    applicationName: 'web',
    deploymentGroupName: 'second',
    serviceRoleArn: 'arn:aws:iam::123456789012:role/deployer',
    ecsServices: [{ clusterName: 'default', serviceName: 'web' }],
    deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
    blueGreenDeploymentConfiguration: {},
    loadBalancerInfo: pair(),
    ...more,
  })

  it('are shown with every wait that clients add up, and changed in parts', async () => {
    await world.deployable()
    const { deploymentGroupInfo: before } = await ask('GetDeploymentGroup', {
      applicationName: 'web',
      deploymentGroupName: 'web',
    })
    expect(before).toMatchObject({
      applicationName: 'web',
      deploymentGroupName: 'web',
      deploymentConfigName: 'CodeDeployDefault.ECSAllAtOnce',
      computePlatform: 'ECS',
      ecsServices: [{ clusterName: 'default', serviceName: 'web' }],
      blueGreenDeploymentConfiguration: {
        terminateBlueInstancesOnDeploymentSuccess: { action: 'TERMINATE', terminationWaitTimeInMinutes: 0 },
        deploymentReadyOption: { actionOnTimeout: 'CONTINUE_DEPLOYMENT', waitTimeInMinutes: 0 },
      },
      outdatedInstancesStrategy: 'UPDATE',
    })
    await ask('UpdateDeploymentGroup', {
      applicationName: 'web',
      currentDeploymentGroupName: 'web',
      newDeploymentGroupName: 'live',
      deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
      alarmConfiguration: { enabled: true, alarms: [{ name: '5xx' }] },
      autoRollbackConfiguration: { enabled: true, events: ['DEPLOYMENT_FAILURE'] },
    })
    const { deploymentGroupsInfo } = await ask('BatchGetDeploymentGroups', {
      applicationName: 'web',
      deploymentGroupNames: ['live'],
    })
    expect(deploymentGroupsInfo).toEqual([
      {
        ...(before as object),
        deploymentGroupName: 'live',
        deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
        alarmConfiguration: { enabled: true, ignorePollAlarmFailure: false, alarms: [{ name: '5xx' }] },
        autoRollbackConfiguration: { enabled: true, events: ['DEPLOYMENT_FAILURE'] },
      },
    ])
    expect(await ask('ListDeploymentGroups', { applicationName: 'web' })).toEqual({
      applicationName: 'web',
      deploymentGroups: ['live'],
    })
    const named = { applicationName: 'web', deploymentGroupName: 'live' }
    expect(await ask('DeleteDeploymentGroup', named)).toEqual({ hooksNotCleanedUp: [] })
    await expect(ask('GetDeploymentGroup', named)).rejects.toEqual(
      refusal('DeploymentGroupDoesNotExistException', 'No Deployment Group found for name: live'),
    )
  })

  it('tell their last deployments', async () => {
    await world.deployable()
    const deploymentId = await world.bluegreen()
    await world.advance(60)
    const { deploymentGroupInfo } = await ask('GetDeploymentGroup', {
      applicationName: 'web',
      deploymentGroupName: 'web',
    })
    expect(deploymentGroupInfo).toMatchObject({
      lastSuccessfulDeployment: { deploymentId, status: 'Succeeded' },
      lastAttemptedDeployment: { deploymentId, status: 'Succeeded' },
    })
  })

  it.each([
    [
      'InvalidAutoScalingGroupException',
      { autoScalingGroups: ['a'] },
      'For ECS deployment group, autoScalingGroups can not be specified',
    ],
    [
      'InvalidTriggerConfigException',
      { triggerConfigurations: [{ triggerName: 'told', triggerTargetArn: 'arn:aws:sns:eu-west-1:123456789012:ops' }] },
      'The topic arn:aws:sns:eu-west-1:123456789012:ops of the trigger told does not exist.',
    ],
    [
      'InvalidTriggerConfigException',
      { triggerConfigurations: [{ triggerName: 'told' }] },
      'A trigger must have a name and a target ARN.',
    ],
    [
      'InvalidDeploymentStyleException',
      { deploymentStyle: {} },
      'Deployment type or deployment option cannot be null or empty',
    ],
    [
      'InvalidDeploymentStyleException',
      { deploymentStyle: { deploymentType: 'IN_PLACE', deploymentOption: 'WITH_TRAFFIC_CONTROL' } },
      'For ECS deployment, the deployment type must be BLUE_GREEN, and deployment option must be WITH_TRAFFIC_CONTROL.',
    ],
    [
      'InvalidLoadBalancerInfoException',
      { loadBalancerInfo: undefined },
      'For ECS deployment group, loadBalancerInfo must be specified',
    ],
    [
      'InvalidLoadBalancerInfoException',
      { loadBalancerInfo: { elbInfoList: [{ name: 'a' }] } },
      'For ECS deployment group, loadBalancerInfo must not contain elbInfo list',
    ],
    [
      'InvalidLoadBalancerInfoException',
      { loadBalancerInfo: { targetGroupInfoList: [{ name: 'a' }] } },
      'For ECS deployment group, loadBalancerInfo must not contain targetGroupInfo list',
    ],
    [
      'InvalidTargetGroupPairException',
      { loadBalancerInfo: pair({ targetGroups: [{ name: 'blue' }, { name: 'blue' }] }) },
      'Target group pair must have distinct target groups.',
    ],
    [
      'InvalidTargetGroupPairException',
      { loadBalancerInfo: pair({ targetGroups: [{ name: 'blue' }] }) },
      'Target group pair must have exactly two target groups.',
    ],
    [
      'InvalidTargetGroupPairException',
      { loadBalancerInfo: pair({ prodTrafficRoute: undefined }) },
      'Target group pair must have exactly one production traffic route listener.',
    ],
    [
      'InvalidTargetGroupPairException',
      { loadBalancerInfo: pair({ testTrafficRoute: { listenerArns: [LISTENER] } }) },
      'The production and test traffic routes must have distinct listeners.',
    ],
    [
      'InvalidBlueGreenDeploymentConfigurationException',
      { blueGreenDeploymentConfiguration: undefined },
      'For ECS deployment group, blueGreenDeploymentConfiguration must be specified',
    ],
    [
      'InvalidBlueGreenDeploymentConfigurationException',
      {
        blueGreenDeploymentConfiguration: {
          deploymentReadyOption: { actionOnTimeout: 'CONTINUE_DEPLOYMENT', waitTimeInMinutes: 5 },
        },
      },
      "Deployment ready action cannot be set to 'CONTINUE_DEPLOYMENT' when timeout is specified",
    ],
    [
      'InvalidBlueGreenDeploymentConfigurationException',
      { blueGreenDeploymentConfiguration: { terminateBlueInstancesOnDeploymentSuccess: { action: 'KEEP_ALIVE' } } },
      'For ECS deployment group, the action on original task set termination must be TERMINATE',
    ],
    [
      'InvalidECSServiceException',
      { ecsServices: [] },
      'For ECS deployment group, exactly one ECS service must be specified',
    ],
    [
      'InvalidECSServiceException',
      { ecsServices: [{ clusterName: 'default', serviceName: 'nobody' }] },
      'Could not load ECS service information for cluster: default, service: nobody. Cause: Service not found.',
    ],
    [
      'InvalidECSServiceException',
      { ecsServices: [{ clusterName: 'default', serviceName: 'rolling' }] },
      "Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller.",
    ],
    [
      'ECSServiceMappingLimitExceededException',
      {},
      'The Amazon ECS service is associated with more than one deployment groups. An Amazon ECS service can be ' +
        'associated with only one deployment group.',
    ],
    [
      'DeploymentGroupAlreadyExistsException',
      { deploymentGroupName: 'web' },
      'Deployment Group already exists with name: web',
    ],
    [
      'DeploymentConfigDoesNotExistException',
      { deploymentConfigName: 'nothing' },
      'No Deployment Configuration found for name: nothing',
    ],
    [
      'InvalidTrafficRoutingConfigurationException',
      {
        deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
        loadBalancerInfo: pair({ prodTrafficRoute: { listenerArns: [LISTENER.replace('/app/', '/net/')] } }),
      },
      'Only ALB supports gradual traffic routing, use AllAtOnce Traffic routing instead when you create/update ' +
        'Deployment group.',
    ],
    ['InvalidRoleException', { serviceRoleArn: 'deployer' }, 'The role deployer is not a valid role ARN'],
    [
      'InvalidAlarmConfigException',
      { alarmConfiguration: { enabled: true, alarms: [] } },
      'The alarm configuration is enabled, but the alarm list is empty.',
    ],
    [
      'InvalidAlarmConfigException',
      { alarmConfiguration: { enabled: true, alarms: [{ name: 'a' }, { name: 'a' }] } },
      'Two alarms with the same name have been specified.',
    ],
    [
      'InvalidAutoRollbackConfigException',
      { autoRollbackConfiguration: { enabled: true } },
      'Auto rollback configuration is enabled, but no auto rollback event is specified',
    ],
  ])('are refused with %s: %#', async (code, more, message) => {
    await world.deployable()
    await world.create(await world.app(), 0, { serviceName: 'rolling' })
    await expect(ask('CreateDeploymentGroup', group(more))).rejects.toEqual(refusal(code, message))
  })
})

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
  })
})

const recorded = (from: Date, seconds: number): Date => new Date(from.getTime() + seconds * 1000)

describe('revisions', () => {
  it('are remembered by their application, with the groups that they went to', async () => {
    await world.deployable()
    const string = { content: 'version: 0.0\nResources: []' }
    await ask('RegisterApplicationRevision', {
      applicationName: 'web',
      description: 'a draft',
      revision: { revisionType: 'String', string },
    })
    await world.advance(1)
    const deploymentId = await world.bluegreen()
    const { revision } = await world.deployment(deploymentId)
    const { revisions } = await ask('ListApplicationRevisions', { applicationName: 'web', sortOrder: 'ascending' })
    expect(revisions).toEqual([
      { revisionType: 'String', string: { ...string, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } },
      revision,
    ])
    const { revisionInfo } = await ask('GetApplicationRevision', { applicationName: 'web', revision })
    expect(revisionInfo).toMatchObject({ deploymentGroups: ['web'], lastUsedTime: world.clock.now() })
    await expect(
      ask('GetApplicationRevision', {
        applicationName: 'web',
        revision: { revisionType: 'String', string: { content: 'other' } },
      }),
    ).rejects.toMatchObject({ code: 'RevisionDoesNotExistException' })
  })
})

describe('tags', () => {
  it('are those of applications and groups, by their ARNs', async () => {
    await world.deployable()
    const arn = (resource: string): string => `arn:aws:codedeploy:eu-west-1:123456789012:${resource}`
    for (const ResourceArn of [arn('application:web'), arn('deploymentgroup:web/web')]) {
      await ask('TagResource', {
        ResourceArn,
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      })
      await ask('UntagResource', { ResourceArn, TagKeys: ['a'] })
      expect(await ask('ListTagsForResource', { ResourceArn })).toEqual({ Tags: [{ Key: 'b', Value: '2' }] })
    }
    const list = (ResourceArn: string): Promise<unknown> => ask('ListTagsForResource', { ResourceArn })
    await expect(list('web')).rejects.toMatchObject({ code: 'InvalidArnException' })
    await expect(list(arn('deploymentconfig:x'))).rejects.toMatchObject({ code: 'ArnNotSupportedException' })
    await expect(list(arn('application:x'))).rejects.toMatchObject({ code: 'ApplicationDoesNotExistException' })
    await expect(
      ask('TagResource', { ResourceArn: arn('application:web'), Tags: [{ Key: 'aws:x', Value: '' }] }),
    ).rejects.toMatchObject({ code: 'InvalidTagsToAddException' })
  })
})
