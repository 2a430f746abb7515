// Deployment configurations as a caller sees them.

import { describe, expect, it } from 'vitest'
import { ask, world } from '#test/code-deploy-calls.ts'
import { refusal } from '#test/refusal.ts'

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
