// What ECS's tests find in place: a call, the default cluster, subnets in two zones, and task definitions.

import type * as sdk from '@aws-sdk/client-ecs'
import type { Call, Operations } from '#aws/operation.ts'
import { securityGroups, subnets } from '#apis/ec2/tables.ts'
import { ecs } from '#apis/ecs/index.ts'
import { defaultCluster } from '#apis/ecs/model/defaults.ts'
import { newServiceTask } from '#apis/ecs/model/new-service-task.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import {
  activeCluster,
  clusters,
  revisionsOfService,
  serviceNamed,
  taskDefinitionByArn,
  taskNetwork,
} from '#apis/ecs/tables.ts'
import { type Ask, asking, testCall } from './call.ts'

export interface EcsWorld {
  readonly call: Call
  readonly ask: Ask<Operations<typeof sdk>>
}

/** The beginning of every ARN of ECS in this world. */
export const ECS = 'arn:aws:ecs:eu-west-1:123456789012'

export const IN_A = { awsvpcConfiguration: { subnets: ['subnet-a'] } }
export const IN_BOTH = { awsvpcConfiguration: { subnets: ['subnet-a', 'subnet-b'] } }

export const WEB = {
  family: 'web',
  requiresCompatibilities: ['FARGATE' as const],
  networkMode: 'awsvpc' as const,
  cpu: '256',
  memory: '512',
  containerDefinitions: [{ name: 'app', image: 'nginx:1', portMappings: [{ containerPort: 80 }] }],
}

/** What CreateService is asked for, without a count. */
export const WEB_SERVICE = {
  serviceName: 'web',
  taskDefinition: 'web',
  launchType: 'FARGATE',
  networkConfiguration: IN_A,
} as const

/** VPC "vpc-1" has "subnet-a" and "subnet-b" with the group "sg-d", VPC "vpc-2" has "subnet-z"; "web:1" is registered. */
export const ecsWorld = async (
  register: (ask: EcsWorld['ask']) => Promise<unknown> = (ask) => ask('RegisterTaskDefinition', WEB),
): Promise<EcsWorld> => {
  const call = testCall()
  const { scope } = call
  await call.store.write(async (tx) => {
    await tx.put(clusters, defaultCluster(scope, call.clock.now().toISOString()))
    for (const [id, zone, vpcId] of [
      ['subnet-a', 'a', 'vpc-1'],
      ['subnet-b', 'b', 'vpc-1'],
      ['subnet-z', 'a', 'vpc-2'],
    ] as const) {
      const row = { id, scope, vpcId, cidr: '10.0.0.0/24', availabilityZone: `eu-west-1${zone}` }
      await tx.put(subnets, { ...row, mapPublicIpOnLaunch: false, defaultForAz: false, tags: [] })
    }
    for (const [id, name, vpcId] of [
      ['sg-d', 'default', 'vpc-1'],
      ['sg-z', 'default', 'vpc-2'],
    ] as const) {
      await tx.put(securityGroups, { id, scope, vpcId, name, description: '', rules: [], tags: [] })
    }
  })
  const ask = asking<Operations<typeof sdk>>(ecs, () => call)
  await register(ask)
  return { call, ask }
}

/** A task of a service as its controller makes it, in subnet-a or where it is told; nothing is put on record. */
export const newTaskOf = ({ call }: EcsWorld, service: string, subnetId = 'subnet-a'): Promise<TaskRecord> =>
  call.store.read(async (reader) => {
    const cluster = await activeCluster(reader, call.scope, undefined)
    const record = await serviceNamed(reader, cluster, service)
    const [source] = await revisionsOfService(reader, record.arn)
    if (source === undefined) throw new Error(`${service} has no revision`)
    const definition = await taskDefinitionByArn(reader, source.template.taskDefinitionArn)
    if (definition === undefined) throw new Error(`${service} has no task definition`)
    return newServiceTask({
      cluster,
      service: record,
      source,
      definition,
      network: await taskNetwork(reader, call.scope, source.template.networkConfiguration),
      subnetId,
      random: call.random,
      at: call.clock.now().toISOString(),
    })
  })
