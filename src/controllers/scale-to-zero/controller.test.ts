// Goal: what is counted and held at a load balancer decides whether a service sleeps, and what it is brought back to.
// Method: rows as operations write them, a load balancer that the test speaks for, simulated time.

import { afterEach, beforeEach, expect, it } from 'vitest'
import { SCALE_TO_ZERO_TAG } from '#apis/ecs/model/scale-to-zero.ts'
import type { ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import type { ServiceRecord } from '#apis/ecs/model/service.ts'
import { newestEvents, serviceRevisions, services, sleepingServices } from '#apis/ecs/tables.ts'
import type { ListenerRecord } from '#apis/elbv2/model/listener.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import type { TargetGroupRecord } from '#apis/elbv2/model/target-group.ts'
import { listeners, loadBalancers, targetGroups } from '#apis/elbv2/tables.ts'
import { type ServiceArn, type ServiceRevisionArn, loadBalancerArn, targetGroupArn } from '#aws/arn.ts'
import { silentLog } from '#base/log.ts'
import { seededRandom } from '#base/random.ts'
import { SimulatedClock } from '#base/simulated-clock.ts'
import type { BalancerCounters } from '#dataplane/balancer/balancer.ts'
import { memoryStore } from '#store/memory/memory-store.ts'
import type { Store } from '#store/store.ts'
import { ScaleToZeroController } from './controller.ts'

const scope = { partition: 'aws', region: 'eu-west-1', account: '000000000001' }
const ARN = 'service/web' as ServiceArn
const GROUP = targetGroupArn(scope, 'web', 'aaaa')
const BALANCER = loadBalancerArn(scope, 'app/front/bbbb')

const service = {
  arn: ARN,
  scope,
  name: 'web',
  spec: {
    desiredCount: 3,
    tags: [{ key: SCALE_TO_ZERO_TAG, value: '60' }],
    deploymentConfiguration: {},
    deploymentController: 'ECS',
  },
  status: { state: 'ACTIVE', primaryRevisionArn: 'revision/1', isSteady: true, lastEvent: 0 },
} as unknown as ServiceRecord

let store: Store
let clock: SimulatedClock
let life: AbortController
let running: Promise<void>
let requests: number
let sessions: number
let held: (groupId: string) => void

beforeEach(async () => {
  store = memoryStore()
  clock = new SimulatedClock()
  life = new AbortController()
  requests = 0
  sessions = 0
  await store.write(async (tx) => {
    await tx.put(services, service)
    await tx.put(serviceRevisions, {
      arn: 'revision/1' as ServiceRevisionArn,
      serviceArn: ARN,
      scope,
      template: { loadBalancers: [{ targetGroupArn: GROUP }] },
    } as unknown as ServiceRevisionRecord)
    await tx.put(targetGroups, { arn: GROUP, id: 'aaaa', scope, name: 'web' } as unknown as TargetGroupRecord)
    await tx.put(loadBalancers, {
      arn: BALANCER,
      scope,
      name: 'front',
      type: 'application',
      spec: { deleteRequested: false },
    } as unknown as LoadBalancerRecord)
    await tx.put(listeners, {
      arn: 'listener',
      scope,
      loadBalancerArn: BALANCER,
      spec: { certificateArns: [], defaultActions: [{ type: 'forward', targetGroups: [{ arn: GROUP, weight: 1 }] }] },
    } as unknown as ListenerRecord)
  })
  const balancer = {
    counters: async () => ({ epoch: 1, groups: { aaaa: { requests } } }) as unknown as BalancerCounters,
    targets: async () => [{ groupId: 'aaaa', address: '10.0.0.1', port: 80, health: 'healthy' as const, sessions }],
    followHeld: (_id: string, told: (groupId: string) => void, signal: AbortSignal): Promise<void> => {
      held = told
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    },
  }
  const options = { store, balancer, nameOf: () => 'app-front', clock, random: seededRandom(1), log: silentLog }
  running = new ScaleToZeroController(options).run(life.signal)
  await clock.advance(0)
})
afterEach(async () => {
  life.abort()
  await running
})

const row = () => store.read((reader) => reader.get(services, ARN))
const desired = async (): Promise<number | undefined> => (await row())?.spec.desiredCount
const changed = (spec: Partial<ServiceRecord['spec']>, status: Partial<ServiceRecord['status']> = {}): Promise<void> =>
  store.write(async (tx) => {
    const now = (await tx.get(services, ARN))!
    await tx.put(services, { ...now, spec: { ...now.spec, ...spec }, status: { ...now.status, ...status } })
  })

it('sleeps after its time without a request, and not before', async () => {
  await clock.advance(50)
  requests = 1
  await clock.advance(50)
  expect(await desired()).toBe(3)
  await clock.advance(15)
  expect(await desired()).toBe(0)
  const [event] = await store.read(async (reader) => newestEvents(reader, (await row())!))
  expect(event?.message).toBe('(service web) has had no request for 60 seconds and sleeps: desired count 0.')
})

it('does not sleep while a request is under way, nor during a deployment', async () => {
  sessions = 1
  await clock.advance(300)
  expect(await desired()).toBe(3)
  sessions = 0
  await changed({}, { isSteady: false })
  await clock.advance(300)
  expect(await desired()).toBe(3)
  await changed({}, { isSteady: true })
  await clock.advance(65)
  expect(await desired()).toBe(0)
})

it('comes back to what it had, at once when a request waits, and sleeps again', async () => {
  await clock.advance(65)
  expect(await desired()).toBe(0)
  held('another')
  await clock.advance(0)
  expect(await desired()).toBe(0)
  held('aaaa')
  await clock.advance(0)
  expect(await desired()).toBe(3)
  expect(await store.read((reader) => reader.list(sleepingServices))).toEqual([])
  await clock.advance(65)
  expect(await desired()).toBe(0)
})

it('whose owner chose another count in its sleep has that', async () => {
  await clock.advance(65)
  await changed({ desiredCount: 5 })
  await clock.advance(65)
  expect(await desired()).toBe(0)
  held('aaaa')
  await clock.advance(0)
  expect(await desired()).toBe(5)
})

it('comes back when it is no longer to sleep', async () => {
  await clock.advance(65)
  await changed({ tags: [] })
  await clock.advance(2)
  expect(await desired()).toBe(3)
})
