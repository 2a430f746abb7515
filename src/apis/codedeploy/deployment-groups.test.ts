// Deployment groups as a caller sees them, and their refusals.

import type { CreateDeploymentGroupInput } from '@aws-sdk/client-codedeploy'
import { describe, expect, it } from 'vitest'
import { ask, world } from '#test/code-deploy-calls.ts'
import { refusal } from '#test/refusal.ts'

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
    const some = await ask('BatchGetDeploymentGroups', {
      applicationName: 'web',
      deploymentGroupNames: ['none', 'live'],
    })
    expect(some).toEqual({ deploymentGroupsInfo, errorMessage: 'No Deployment Group found for name: none' })
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
