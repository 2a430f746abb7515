// Goal: what becomes of a CodeDeploy deployment is told as the events that EventBridge would carry, each state once.
// Method: as in deploy.test.ts, with the controller that tells events beside the others.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html

import { afterEach, beforeEach, expect, it } from 'vitest'
import { silentLog } from '#base/log.ts'
import { seededRandom } from '#base/random.ts'
import { EventController } from '#controllers/events/controller.ts'
import { memoryEventStore } from '#telemetry/events/memory/memory-event-store.ts'
import { DeployWorld } from './deploy-world.ts'

const ACCOUNT = '123456789012'
const SERVICE = `arn:aws:ecs:eu-west-1:${ACCOUNT}:service/default/web`

interface Event {
  readonly source: string
  readonly detail: { readonly deploymentId: string; readonly state: string }
}

let world: DeployWorld
const events = memoryEventStore()
let life: AbortController
let dead: Promise<void>

const begin = (): void => {
  const { store, clock } = world
  life = new AbortController()
  dead = new EventController({ store, clock, events, random: seededRandom(1), log: silentLog }).run(life.signal)
}

beforeEach(async () => {
  world = (await new DeployWorld().begin()) as DeployWorld
  begin()
})

afterEach(async () => {
  life.abort()
  await dead
  await events.expire(Number.POSITIVE_INFINITY, 0)
})

/** Of the service: so are CodeDeploy's found. */
const told = async (): Promise<Event[]> => {
  const all = await events.read({ account: ACCOUNT, subject: SERVICE, limit: 1000 })
  return all.map(({ text }) => JSON.parse(text) as Event).filter(({ source }) => source === 'aws.codedeploy')
}

const states = async (id: string): Promise<string[]> =>
  (await told()).filter(({ detail }) => detail.deploymentId === id).map(({ detail }) => detail.state)

it('a deployment starts, is ready and succeeds, whoever is told of it and whenever', async () => {
  await world.deployable({ readyWait: 10 })
  const id = await world.bluegreen()
  await world.advance(60)
  expect((await told()).at(0)).toEqual({
    version: '0',
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    'detail-type': 'CodeDeploy Deployment State-change Notification',
    source: 'aws.codedeploy',
    account: ACCOUNT,
    time: expect.stringMatching(/^[-0-9]{10}T[:0-9]{8}Z$/),
    region: 'eu-west-1',
    resources: [
      `arn:aws:codedeploy:eu-west-1:${ACCOUNT}:deploymentgroup:web/web`,
      `arn:aws:codedeploy:eu-west-1:${ACCOUNT}:application:web`,
    ],
    detail: {
      region: 'eu-west-1',
      deploymentId: id,
      instanceGroupId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      deploymentGroup: 'web',
      state: 'START',
      application: 'web',
    },
  })
  expect(await states(id)).toEqual(['START', 'READY'])
  life.abort()
  await dead
  await world.askDeploy('ContinueDeployment', { deploymentId: id, deploymentWaitType: 'READY_WAIT' } as never)
  await world.advance(60)
  begin()
  await world.advance(60)
  expect(await states(id)).toEqual(['START', 'READY', 'SUCCESS'])
})

it('one that is stopped, and the one that takes it back', async () => {
  await world.deployable({ config: 'CodeDeployDefault.ECSCanary10Percent5Minutes' })
  const id = await world.bluegreen()
  await world.advance(60)
  await world.askDeploy('StopDeployment', { deploymentId: id, autoRollbackEnabled: true } as never)
  await world.advance(60)
  expect(await states(id)).toEqual(['START', 'STOP'])
  const { rollbackInfo } = await world.deployment(id)
  expect(await states(rollbackInfo?.rollbackDeploymentId ?? '')).toEqual(['START', 'SUCCESS'])
})

it('one that fails', async () => {
  await world.deployable()
  const revision = { revisionType: 'S3', s3Location: { bucket: 'b', key: 'k', bundleType: 'YAML' } }
  const id = await world.bluegreen({ revision } as never)
  await world.advance(60)
  expect(await states(id)).toEqual(['START', 'FAILURE'])
})
