// Goal: whatever a caller asks of services, and in whatever order, is either done or refused, and what is shown holds
// together. Method: seeded random calls without a controller; the failing seed is in the test's name.

import type * as sdk from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { AwsError } from '#aws/refusal.ts'
import { type Random, seededRandom } from '#base/random.ts'
import type { SimulatedClock } from '#base/simulated-clock.ts'
import { ECS, type EcsWorld, ecsWorld, IN_A, IN_BOTH, WEB } from '#test/ecs-world.ts'
import { services } from '../tables.ts'

const SEEDS = Array.from({ length: 10 }, (_, i) => i + 1)
const CALLS = 120

const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random.fraction() * values.length)]!

/** Each member with a value that may be right or wrong, or left out. */
const some = (random: Random, members: Readonly<Record<string, readonly unknown[]>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(members)
      .filter(() => random.fraction() < 0.35)
      .map(([name, values]) => [name, pick(random, values)]),
  )

const NAMES = ['web', 'api', 'ext', '', 'a b', `${ECS}:service/default/web`, `${ECS}:service/other/web`, 'arn:']
const COUNTS = [0, 1, 2, 5000, 5001, -1, 1.5, Number.NaN]

const TEMPLATE = {
  taskDefinition: ['web', 'web:1', 'web:2', 'web:99', '', 'x y'],
  networkConfiguration: [IN_A, IN_BOTH, {}, { awsvpcConfiguration: { subnets: ['subnet-z', 'subnet-a'] } }],
  platformVersion: ['LATEST', '1.4.0', '1.3.0', ''],
  capacityProviderStrategy: [
    [],
    [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
    [
      { capacityProvider: 'FARGATE', base: 1, weight: 1 },
      { capacityProvider: 'FARGATE_SPOT', weight: 4 },
    ],
    [{ capacityProvider: 'none' }],
  ],
  loadBalancers: [[], [{}], [{ targetGroupArn: 'x', containerName: 'app', containerPort: 80 }]],
  serviceRegistries: [[], [{}], [{ registryArn: 'arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1' }]],
  serviceConnectConfiguration: [{ enabled: false }, { enabled: true }, { enabled: true, namespace: 'n' }],
}
const SPEC = {
  desiredCount: COUNTS,
  deploymentConfiguration: [
    {},
    { maximumPercent: 100, minimumHealthyPercent: 100 },
    { maximumPercent: -5 },
    { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 12.5 } },
    { strategy: 'LINEAR', lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['PRE_SCALE_UP'] }] },
    { strategy: 'ROLLING' },
    { lifecycleHooks: [{}] },
    { deploymentCircuitBreaker: { enable: true, rollback: true, thresholdConfiguration: { type: 'COUNT', value: 2 } } },
    { alarms: { alarmNames: [], enable: true, rollback: true } },
  ],
  availabilityZoneRebalancing: ['ENABLED', 'DISABLED'],
  healthCheckGracePeriodSeconds: [0, 60, -1],
  enableECSManagedTags: [true, false],
  propagateTags: ['SERVICE', 'TASK_DEFINITION', 'NONE'],
  enableExecuteCommand: [true, false],
  deploymentController: [{ type: 'ECS' }, { type: 'EXTERNAL' }, { type: 'CODE_DEPLOY' }],
}

type Call = readonly [string, Record<string, unknown>]

const callOf = (random: Random, known: Known): Call => {
  const service = pick(random, NAMES)
  const inCluster = { cluster: 'default', service }
  const calls: readonly (() => Call)[] = [
    () => ['CreateService', { serviceName: service, ...valid(service), ...some(random, { ...TEMPLATE, ...SPEC }) }],
    () => ['CreateService', { serviceName: service, ...valid(service) }],
    () => ['UpdateService', { service, ...some(random, { ...TEMPLATE, ...SPEC, forceNewDeployment: [true, false] }) }],
    () => ['DeleteService', { service, ...some(random, { force: [true, false] }) }],
    () => [
      'CreateTaskSet',
      { ...inCluster, ...OF_WEB, ...some(random, { ...TEMPLATE, scale: [{ value: 50 }, { value: -1 }] }) },
    ],
    () => [
      'UpdateTaskSet',
      { ...inCluster, taskSet: pick(random, known.sets), scale: { value: pick(random, [0, 100, 101]) } },
    ],
    () => ['UpdateServicePrimaryTaskSet', { ...inCluster, primaryTaskSet: pick(random, known.sets) }],
    () => ['DeleteTaskSet', { ...inCluster, taskSet: pick(random, known.sets), ...some(random, { force: [true] }) }],
    () => ['StopServiceDeployment', { serviceDeploymentArn: pick(random, known.deployments) }],
    () => ['ContinueServiceDeployment', { serviceDeploymentArn: pick(random, known.deployments), hookId: 'h' }],
    () => ['TagResource', { resourceArn: `${ECS}:service/default/${service}`, tags: [{ key: 'k', value: 'v' }] }],
    () => ['RegisterTaskDefinition', WEB],
    () => ['DeregisterTaskDefinition', { taskDefinition: pick(random, ['web:1', 'web:2', 'web:3']) }],
  ]
  return pick(random, calls)()
}

const OF_WEB = { taskDefinition: 'web', launchType: 'FARGATE', networkConfiguration: IN_A }
const valid = (name: string) =>
  name === 'ext' ? { deploymentController: { type: 'EXTERNAL' } } : { ...OF_WEB, desiredCount: 1 }

interface Known {
  readonly sets: string[]
  readonly deployments: string[]
}

/** What must be so of every service that is shown. */
const checked = (service: sdk.Service): void => {
  const { deployments = [], currentServiceRevisions = [], taskSets = [] } = service
  const isDeployedByEcs = service.deploymentController?.type === 'ECS' && service.status !== 'INACTIVE'
  expect(deployments.filter(({ status }) => status === 'PRIMARY')).toHaveLength(isDeployedByEcs ? 1 : 0)
  expect(deployments[0]?.taskDefinition).toBe(isDeployedByEcs ? service.taskDefinition : undefined)
  expect(currentServiceRevisions).toHaveLength(deployments.length)
  expect(service.desiredCount).toBeGreaterThanOrEqual(0)
  expect(taskSets.filter(({ status }) => status === 'PRIMARY').length).toBeLessThan(2)
  if (isDeployedByEcs) expect(service.launchType === undefined).not.toBe(service.capacityProviderStrategy === undefined)
}

describe.each(SEEDS)('random calls with seed %i', (seed) => {
  it('are done or refused, and leave services that hold together', async () => {
    const world = await ecsWorld()
    const ask = world.ask as unknown as (name: string, input: object) => Promise<Record<string, never>>
    const random = seededRandom(seed)
    const known: Known = { sets: ['none'], deployments: ['none'] }
    let done = 0
    for (let i = 0; i < CALLS; i++) {
      const [name, input] = callOf(random, known)
      try {
        const { service, taskSet } = (await ask(name, input)) as { service?: sdk.Service; taskSet?: sdk.TaskSet }
        done++
        if (service?.currentServiceDeployment !== undefined) known.deployments.push(service.currentServiceDeployment)
        if (taskSet?.id !== undefined) known.sets.push(taskSet.id)
      } catch (error) {
        if (!(error instanceof AwsError)) throw new Error(`${name} ${JSON.stringify(input)}`, { cause: error })
      }
      const shown = await world.ask('DescribeServices', { services: ['web', 'api', 'ext'], include: ['TAGS'] })
      for (const service of shown.services ?? []) checked(service)
      // In the service controller's place: what drains is over at once, now and then.
      if (random.fraction() < 0.2) await drainedAll(world)
      await (world.call.clock as SimulatedClock).advance(1)
    }
    expect(done).toBeGreaterThan(CALLS / 10)
    const { serviceDeployments } = await world.ask('DescribeServiceDeployments', {
      serviceDeploymentArns: known.deployments.slice(-20),
    })
    for (const { targetServiceRevision } of serviceDeployments ?? []) expect(targetServiceRevision?.arn).toBeDefined()
  })
})

const drainedAll = (world: EcsWorld): Promise<void> =>
  world.call.store.write(async (tx) => {
    for (const service of await tx.list(services)) {
      if (service.status.state !== 'DRAINING') continue
      const inactiveAt = world.call.clock.now().toISOString()
      await tx.put(services, { ...service, status: { ...service.status, state: 'INACTIVE', inactiveAt } })
    }
  })
