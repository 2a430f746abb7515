// Goal: CodeDeploy deploys a service with real tasks behind a real load balancer, and its clients see no error: all at
// once as the amazon-ecs-deploy-task-definition action asks for it, and canary with a hook, stopped and taken back.
// Method: the real instance and HAProxy, the SDK's clients and waiter; clients that keep their connections.

import {
  CodeDeployClient,
  CreateDeploymentCommand,
  CreateDeploymentConfigCommand,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  GetDeploymentTargetCommand,
  PutLifecycleEventHookExecutionStatusCommand,
  StopDeploymentCommand,
  waitUntilDeploymentSuccessful,
} from '@aws-sdk/client-codedeploy'
import { DescribeServicesCommand, DescribeTaskDefinitionCommand, type Service } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeDeployed, DEPLOYED, revisionOf } from '#test/code-deployed.ts'
import { type Front, frontOf } from '#test/front.ts'
import { type HookEndpoint, openHookEndpoint } from '#test/hook-endpoint.ts'
import { type Instance, startInstance } from '#test/instance.ts'
import { serviceNamed } from '#test/rollouts.ts'

/** Bounds on a test that hangs, and on a condition that does not come true. */
const TIMEOUT_MS = 300_000
const POLL = { timeout: 150_000, interval: 200 }

let instance: Instance
let front: Front
let codedeploy: CodeDeployClient
let hook: HookEndpoint

beforeAll(async () => {
  hook = await openHookEndpoint()
  instance = await startInstance({ env: { NEARGATE_LIFECYCLE_HOOKS: hook.url } })
  front = await frontOf(instance)
  codedeploy = new CodeDeployClient(instance.sdk)
}, TIMEOUT_MS)
afterAll(async () => {
  await instance?.down()
  hook?.close()
})

const service = (): Promise<Service> => serviceNamed(instance, 'web')

/** e.g. "PRIMARY 2 STEADY_STATE", in no certain order. */
const sets = async (): Promise<string[]> =>
  ((await service()).taskSets ?? [])
    .map(({ status, runningCount, stabilityStatus }) => `${status} ${runningCount} ${stabilityStatus}`)
    .toSorted()

const statusOf = async (deploymentId: string): Promise<string | undefined> =>
  (await codedeploy.send(new GetDeploymentCommand({ deploymentId }))).deploymentInfo?.status

describe('CodeDeploy', () => {
  it(
    'finds a service in one primary task set behind the production listener',
    async () => {
      await codeDeployed(instance, codedeploy, front, 'one')
      await expect.poll(sets, POLL).toEqual(['PRIMARY 2 STEADY_STATE'])
    },
    TIMEOUT_MS,
  )

  it(
    'deploys under load without an error, called as the GitHub action calls it',
    async () => {
      const clients = await front.load(80)
      // The action's calls, in its order: RegisterTaskDefinition, DescribeServices, GetDeploymentGroup, CreateDeployment,
      // and the SDK's waiter.
      const family = await front.app('two')
      const { taskDefinition } = await instance.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: family }))
      const described = await instance.ecs.send(new DescribeServicesCommand({ services: ['web'], cluster: 'default' }))
      expect(described.failures).toEqual([])
      expect(described.services?.[0]).toMatchObject({
        status: 'ACTIVE',
        deploymentController: { type: 'CODE_DEPLOY' },
      })
      const { deploymentGroupInfo } = await codedeploy.send(new GetDeploymentGroupCommand(DEPLOYED))
      const { deploymentReadyOption: ready, terminateBlueInstancesOnDeploymentSuccess: ending } =
        deploymentGroupInfo?.blueGreenDeploymentConfiguration ?? {}
      // It adds them up for how long it waits.
      expect((ready?.waitTimeInMinutes ?? NaN) + (ending?.terminationWaitTimeInMinutes ?? NaN)).toBe(0)
      const { deploymentId = '' } = await codedeploy.send(
        new CreateDeploymentCommand({ ...DEPLOYED, revision: revisionOf(taskDefinition?.taskDefinitionArn ?? '') }),
      )
      await waitUntilDeploymentSuccessful(
        { client: codedeploy, minDelay: 1, maxDelay: 2, maxWaitTime: 200 },
        { deploymentId },
      )
      await expect.poll(clients.newWords, POLL).toEqual(['two'])
      await expect.poll(sets, POLL).toEqual(['PRIMARY 2 STEADY_STATE'])
      expect(await clients.stop()).toEqual([])
      expect(await service()).toMatchObject({ taskDefinition: taskDefinition?.taskDefinitionArn })
    },
    TIMEOUT_MS,
  )

  it(
    'shows the new version at the test listener while a hook looks at it, then to some clients, and takes it back',
    async () => {
      const clients = await front.load(80)
      await codedeploy.send(
        new CreateDeploymentConfigCommand({
          deploymentConfigName: 'half',
          computePlatform: 'ECS',
          trafficRoutingConfig: {
            type: 'TimeBasedCanary',
            timeBasedCanary: { canaryPercentage: 50, canaryInterval: 60 },
          },
        }),
      )
      const revision = revisionOf(await front.app('three'), [{ AfterAllowTestTraffic: hook.url }])
      const { deploymentId = '' } = await codedeploy.send(
        new CreateDeploymentCommand({ ...DEPLOYED, revision, deploymentConfigName: 'half' }),
      )
      await expect.poll(() => hook.asked.length, POLL).toBe(1)
      const tests = await front.load(81)
      await expect.poll(tests.newWords, POLL).toEqual(['three'])
      expect(await tests.stop()).toEqual([])
      expect(Object.keys(clients.words())).toEqual(['two'])
      expect(hook.asked[0]?.DeploymentId).toBe(deploymentId)
      // The control plane may die meanwhile: what it waits for is on record.
      await instance.kill()
      await instance.up()
      await codedeploy.send(
        new PutLifecycleEventHookExecutionStatusCommand({
          deploymentId,
          lifecycleEventHookExecutionId: hook.asked[0]?.LifecycleEventHookExecutionId,
          status: 'Succeeded',
        }),
      )
      await expect.poll(() => clients.newWords().toSorted(), POLL).toEqual(['three', 'two'])
      await codedeploy.send(new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true }))
      await expect.poll(() => statusOf(deploymentId), POLL).toBe('Stopped')
      await expect.poll(clients.newWords, POLL).toEqual(['two'])
      await expect.poll(sets, POLL).toEqual(['PRIMARY 2 STEADY_STATE'])
      expect(await clients.stop()).toEqual([])
      const { deploymentTarget } = await codedeploy.send(
        new GetDeploymentTargetCommand({ deploymentId, targetId: 'default:web' }),
      )
      const events = deploymentTarget?.ecsTarget?.lifecycleEvents ?? []
      expect(events.map(({ lifecycleEventName, status }) => `${lifecycleEventName} ${status}`)).toEqual([
        'BeforeInstall Succeeded',
        'Install Succeeded',
        'AfterInstall Succeeded',
        'AllowTestTraffic Succeeded',
        'AfterAllowTestTraffic Succeeded',
        'BeforeAllowTraffic Succeeded',
        'AllowTraffic Failed',
        'AfterAllowTraffic Skipped',
      ])
    },
    TIMEOUT_MS,
  )
})
