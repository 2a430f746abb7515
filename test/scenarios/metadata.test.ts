// Goal: the edge always has the document of every task that could ask, as ECS would word it, and of no other.
// Method: real controllers in simulated time; a sink that remembers.

import { expect, it } from 'vitest'
import { Fault } from '#base/fault.ts'
import { silentLog } from '#base/log.ts'
import { settle } from '#base/simulated-clock.ts'
import { MetadataController } from '#controllers/metadata/controller.ts'
import type { MetadataPlace, MetadataSink } from '#controllers/metadata/sink.ts'
import type { TaskMetadataDocument } from '#dataplane/metadata/document.ts'
import { World } from './world.ts'

class Sink implements MetadataSink {
  readonly documents = new Map<string, TaskMetadataDocument>()
  calls = 0
  failures = 0

  async set({ vpcId, privateIp }: MetadataPlace, document: TaskMetadataDocument): Promise<void> {
    this.calls++
    if (this.failures-- > 0) throw new Fault('unreachable', 'no edge')
    this.documents.set(`${vpcId} ${privateIp}`, structuredClone(document))
  }

  async remove({ vpcId, privateIp }: MetadataPlace): Promise<void> {
    this.documents.delete(`${vpcId} ${privateIp}`)
  }
}

const begun = async (): Promise<{ world: World; sink: Sink; life: AbortController }> => {
  const world = await new World().begin()
  const sink = new Sink()
  const life = new AbortController()
  const { store, clock, random } = world
  void new MetadataController({ store, sink, clock, random, log: silentLog }).run(life.signal)
  await settle()
  return { world, sink, life }
}

const only = (sink: Sink): TaskMetadataDocument => [...sink.documents.values()][0]!

it('tells a task about itself in ECS’s words', async () => {
  const { world, sink, life } = await begun()
  world.script('app', { exec: () => ({ exitCode: 0, output: 'fine' }) })
  await world.run([
    {
      name: 'app',
      portMappings: [{ containerPort: 80 }],
      healthCheck: { command: ['CMD', 'true'] },
      dockerLabels: { own: 'label' },
    },
  ])
  await world.advance(1)
  const document = only(sink)
  const hidden = (text: string): string => text.replaceAll(document.taskId, 'TASK').replaceAll(/-\d{10}/g, '-ID')
  expect(JSON.parse(hidden(JSON.stringify(document.task)))).toMatchInlineSnapshot(`
    {
      "AvailabilityZone": "eu-west-1a",
      "Cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/default",
      "DesiredStatus": "RUNNING",
      "Family": "family-1",
      "FaultInjectionEnabled": false,
      "KnownStatus": "RUNNING",
      "LaunchType": "FARGATE",
      "Limits": {
        "CPU": 0.25,
        "Memory": 512,
      },
      "PullStartedAt": "2026-01-01T00:00:00.000Z",
      "PullStoppedAt": "2026-01-01T00:00:00.000Z",
      "Revision": "1",
      "TaskARN": "arn:aws:ecs:eu-west-1:123456789012:task/default/TASK",
    }
  `)
  const container = JSON.parse(hidden(JSON.stringify(document.containers[0]?.body))) as { ContainerARN: string }
  expect({ ...container, ContainerARN: container.ContainerARN.replace(/[^/]+$/, 'UUID') }).toMatchInlineSnapshot(`
    {
      "ContainerARN": "arn:aws:ecs:eu-west-1:123456789012:container/default/TASK/UUID",
      "CreatedAt": "2026-01-01T00:00:00.000Z",
      "DesiredStatus": "RUNNING",
      "DockerId": "TASK-ID",
      "DockerName": "app",
      "Health": {
        "exitCode": 0,
        "output": "fine",
        "status": "HEALTHY",
        "statusSince": "2026-01-01T00:00:00.125Z",
      },
      "Image": "busybox",
      "ImageID": "sha256:9d75f0d7c398df565d7ac04c6819b62d6d8f9560f5eb4672596ecd8f7e96ae91",
      "KnownStatus": "RUNNING",
      "Labels": {
        "com.amazonaws.ecs.cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/default",
        "com.amazonaws.ecs.container-name": "app",
        "com.amazonaws.ecs.task-arn": "arn:aws:ecs:eu-west-1:123456789012:task/default/TASK",
        "com.amazonaws.ecs.task-definition-family": "family-1",
        "com.amazonaws.ecs.task-definition-version": "1",
        "own": "label",
      },
      "Limits": {
        "CPU": 2,
      },
      "Name": "app",
      "Networks": [
        {
          "AttachmentIndex": 0,
          "DomainNameSearchList": [
            "eu-west-1.compute.internal",
          ],
          "DomainNameServers": [
            "10.0.0.2",
          ],
          "IPv4Addresses": [
            "10.0.1.135",
          ],
          "IPv4SubnetCIDRBlock": "10.0.1.0/24",
          "MACAddress": "0a:c3:12:68:4e:4e",
          "NetworkMode": "awsvpc",
          "PrivateDNSName": "ip-10-0-1-135.eu-west-1.compute.internal",
          "SubnetGatewayIpv4Address": "10.0.1.1/24",
        },
      ],
      "Ports": [
        {
          "ContainerPort": 80,
          "HostPort": 80,
          "Protocol": "tcp",
        },
      ],
      "Snapshotter": "overlayfs",
      "StartedAt": "2026-01-01T00:00:00.000Z",
      "Type": "NORMAL",
    }
  `)
  life.abort()
})

it('has the document before the first container starts, and takes it away with the task', async () => {
  const { world, sink, life } = await begun()
  const start = world.engine.start.bind(world.engine)
  const known: number[] = []
  world.engine.start = async (id) => {
    known.push(sink.documents.size)
    return start(id)
  }
  const arn = await world.run([{ name: 'app' }])
  await world.advance(1)
  expect(known).toEqual([1])
  await world.stop(arn)
  await world.advance(1)
  expect(sink.documents.size).toBe(0)
  life.abort()
})

it('says the same once, and tries again after a fault', async () => {
  const { world, sink, life } = await begun()
  sink.failures = 3
  const arn = await world.run([{ name: 'app' }])
  await world.advance(5)
  expect(sink.documents.size).toBe(1)
  const { calls } = sink
  await world.advance(3600)
  expect(sink.calls).toBe(calls)
  await world.stop(arn)
  await world.advance(1)
  life.abort()
})

it('tells a new edge of every task that runs', async () => {
  const { world, life } = await begun()
  const family = await world.register([{ name: 'app' }])
  for (let count = 0; count < 3; count++) await world.runFamily(family)
  await world.advance(1)
  life.abort()
  const sink = new Sink()
  const { store, clock, random } = world
  const next = new AbortController()
  void new MetadataController({ store, sink, clock, random, log: silentLog }).run(next.signal)
  await settle()
  expect(sink.documents.size).toBe(3)
  next.abort()
})
