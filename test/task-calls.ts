// For tests of tasks as callers see them: a world with the definition "web" for each test, and RunTask with it.

import type * as sdk from '@aws-sdk/client-ecs'
import { beforeEach } from 'vitest'
import { securityGroups } from '#apis/ec2/tables.ts'
import type { Call } from '#aws/operation.ts'
import { type EcsWorld, ecsWorld, IN_A } from './ecs-world.ts'

let world: EcsWorld
export let call: Call
export const ask: EcsWorld['ask'] = (name, input) => world.ask(name, input)

export const EU = 'arn:aws:ecs:eu-west-1:123456789012'
export const ROLE = 'arn:aws:iam::123456789012:role/task'
export const WEB = {
  family: 'web',
  requiresCompatibilities: ['FARGATE' as const],
  networkMode: 'awsvpc' as const,
  cpu: '256',
  memory: '512',
  containerDefinitions: [
    { name: 'app', image: 'nginx:1', environment: [{ name: 'A', value: '1' }] },
    { name: 'side', image: 'envoy:1', essential: false, cpu: 10, memory: 64, memoryReservation: 32 },
  ],
}
const web = { taskDefinition: 'web', launchType: 'FARGATE', networkConfiguration: IN_A } as const

beforeEach(async () => {
  world = await ecsWorld((by) => by('RegisterTaskDefinition', WEB))
  call = world.call
  const row = { id: 'sg-w', scope: call.scope, vpcId: 'vpc-1', name: 'web', description: '', rules: [], tags: [] }
  await call.store.write((tx) => tx.put(securityGroups, row))
})

export const started = async (more: object = {}): Promise<sdk.Task[]> =>
  (await ask('RunTask', { ...web, ...more })).tasks ?? []
export const one = async (more: object = {}): Promise<sdk.Task> => (await started(more))[0]!
