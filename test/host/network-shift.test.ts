// Goal: through a Network Load Balancer, too, a deployment shows the new version at the test listener first, and then to
// the clients of the production listener, without an error: ECS's own deployments and CodeDeploy's.
// Method: the real instance and HAProxy; a TCP listener in front of web servers that end each connection after its answer,
// so that every request chooses its target anew.

import {
  CodeDeployClient,
  CreateDeploymentCommand,
  GetDeploymentCommand,
  PutLifecycleEventHookExecutionStatusCommand,
} from '@aws-sdk/client-codedeploy'
import { CreateServiceCommand, type DeploymentConfiguration, UpdateServiceCommand } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeDeployed, DEPLOYED, revisionOf } from '#test/code-deployed.ts'
import { type Front, frontOf } from '#test/front.ts'
import { type HookEndpoint, openHookEndpoint } from '#test/hook-endpoint.ts'
import { type Instance, startInstance } from '#test/instance.ts'
import { isDeployed, letGoOn, serviceNamed, waitingHook } from '#test/rollouts.ts'

/** Bounds on a test that hangs, and on a condition that does not come true. */
const TIMEOUT_MS = 300_000
const POLL = { timeout: 150_000, interval: 200 }

let instance: Instance
let front: Front
let hook: HookEndpoint

beforeAll(async () => {
  hook = await openHookEndpoint()
  instance = await startInstance({ env: { NEARGATE_LIFECYCLE_HOOKS: hook.url } })
  front = await frontOf(instance, 'network')
}, TIMEOUT_MS)
afterAll(async () => {
  await instance?.down()
  hook?.close()
})

const pausingAt = (stage: string): Pick<DeploymentConfiguration, 'lifecycleHooks'> => ({
  lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: [stage as never] }],
})

const deploy = async (word: string, deploymentConfiguration: DeploymentConfiguration): Promise<string> => {
  const family = await front.app(word)
  await instance.ecs.send(
    new UpdateServiceCommand({ service: 'pair', taskDefinition: family, deploymentConfiguration }),
  )
  await expect.poll(() => waitingHook(instance, 'pair'), POLL).toBeDefined()
  return family
}

describe('through a Network Load Balancer', () => {
  it(
    'a blue/green deployment goes over at once, after the test listener',
    async () => {
      const [blue, green] = [await front.group('first'), await front.group('second')]
      // As AWS has it, listeners stand for their only rule.
      const [productionListenerRule, testListenerRule] = [
        await front.listener(83, blue),
        await front.listener(84, blue),
      ]
      const family = await front.app('blue')
      const roleArn = `arn:aws:iam::${instance.config.account}:role/ecs-load-balancing`
      const advancedConfiguration = {
        alternateTargetGroupArn: green,
        productionListenerRule,
        testListenerRule,
        roleArn,
      }
      await instance.ecs.send(
        new CreateServiceCommand({
          serviceName: 'pair',
          taskDefinition: family,
          desiredCount: 2,
          launchType: 'FARGATE',
          networkConfiguration: { awsvpcConfiguration: { subnets: front.subnets } },
          deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 },
          loadBalancers: [{ targetGroupArn: blue, containerName: 'c0', containerPort: 8080, advancedConfiguration }],
        }),
      )
      await expect.poll(() => isDeployed(instance, 'pair', family), POLL).toBe(true)
      const clients = await front.load(83)
      const next = await deploy('green', {
        strategy: 'BLUE_GREEN',
        bakeTimeInMinutes: 0,
        ...pausingAt('POST_TEST_TRAFFIC_SHIFT'),
      })
      const tests = await front.load(84)
      await expect.poll(tests.newWords, POLL).toEqual(['green'])
      expect(await tests.stop()).toEqual([])
      expect(Object.keys(clients.words())).toEqual(['blue'])
      await letGoOn(instance, 'pair', await waitingHook(instance, 'pair'))
      await expect.poll(() => isDeployed(instance, 'pair', next), POLL).toBe(true)
      await expect.poll(clients.newWords, POLL).toEqual(['green'])
      expect(await clients.stop()).toEqual([])
      await expect.poll(() => front.states(blue), POLL).toEqual([])
    },
    TIMEOUT_MS,
  )

  it(
    'a canary deployment shares connections by weight',
    async () => {
      const clients = await front.load(83)
      const family = await deploy('canary', {
        strategy: 'CANARY',
        bakeTimeInMinutes: 0,
        canaryConfiguration: { canaryPercent: 50, canaryBakeTimeInMinutes: 0 },
        ...pausingAt('PRE_PRODUCTION_TRAFFIC_SHIFT'),
      })
      const first = await waitingHook(instance, 'pair')
      clients.forget()
      await expect.poll(() => clients.words()['green'] ?? 0, POLL).toBeGreaterThan(20)
      expect(Object.keys(clients.words())).toEqual(['green'])
      await letGoOn(instance, 'pair', first)
      await expect.poll(async () => ![undefined, first].includes(await waitingHook(instance, 'pair')), POLL).toBe(true)
      await expect.poll(() => clients.newWords().toSorted(), POLL).toEqual(['canary', 'green'])
      await letGoOn(instance, 'pair', await waitingHook(instance, 'pair'))
      await expect.poll(() => isDeployed(instance, 'pair', family), POLL).toBe(true)
      await expect.poll(clients.newWords, POLL).toEqual(['canary'])
      expect(await clients.stop()).toEqual([])
    },
    TIMEOUT_MS,
  )

  it(
    'CodeDeploy deploys all at once, after a hook has looked at the test listener',
    async () => {
      const codedeploy = new CodeDeployClient(instance.sdk)
      await codeDeployed(instance, codedeploy, front, 'one')
      const sets = async (): Promise<string[]> =>
        ((await serviceNamed(instance, 'web')).taskSets ?? []).map(
          ({ status, runningCount, stabilityStatus }) => `${status} ${runningCount} ${stabilityStatus}`,
        )
      await expect.poll(sets, POLL).toEqual(['PRIMARY 2 STEADY_STATE'])
      const clients = await front.load(80)
      await expect.poll(clients.newWords, POLL).toEqual(['one'])
      const revision = revisionOf(await front.app('two'), [{ AfterAllowTestTraffic: hook.url }])
      const { deploymentId = '' } = await codedeploy.send(new CreateDeploymentCommand({ ...DEPLOYED, revision }))
      await expect.poll(() => hook.asked.length, POLL).toBe(1)
      const tests = await front.load(81)
      await expect.poll(tests.newWords, POLL).toEqual(['two'])
      expect(await tests.stop()).toEqual([])
      expect(Object.keys(clients.words())).toEqual(['one'])
      await codedeploy.send(
        new PutLifecycleEventHookExecutionStatusCommand({
          deploymentId,
          lifecycleEventHookExecutionId: hook.asked[0]?.LifecycleEventHookExecutionId,
          status: 'Succeeded',
        }),
      )
      const status = async (): Promise<string | undefined> =>
        (await codedeploy.send(new GetDeploymentCommand({ deploymentId }))).deploymentInfo?.status
      await expect.poll(status, POLL).toBe('Succeeded')
      await expect.poll(clients.newWords, POLL).toEqual(['two'])
      await expect.poll(sets, POLL).toEqual(['PRIMARY 2 STEADY_STATE'])
      expect(await clients.stop()).toEqual([])
    },
    TIMEOUT_MS,
  )
})
