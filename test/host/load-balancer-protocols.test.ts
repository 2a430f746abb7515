// Goal: gRPC calls and WebSockets go through an Application Load Balancer that was made by AWS's own client: to a GRPC
// target group whose health check is gRPC's, and to one of HTTP/1.1, whose conversations last when the listeners change.
// Method: the real instance and HAProxy; tasks, and the test's own servers in the tasks' network namespaces; @grpc/grpc-js
// and ws as clients.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { Agent } from 'node:https'
import type { Server } from 'node:net'
import { join } from 'node:path'
import {
  CreateTargetGroupCommand,
  type CreateTargetGroupInput,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { listeningSocket } from '#linux/network-socket.ts'
import { CONVERSATION, conversation, grpcClient, grpcTarget } from '#test/balancer/grpc.ts'
import { defaultNetwork } from '#test/default-network.ts'
import { doorOf, type Front, frontOf } from '#test/front.ts'
import { type Instance, startInstance } from '#test/instance.ts'
import { launch, register, until } from '#test/tasks.ts'

/** Bounds on a test that hangs, and on a condition that does not come true. */
const TIMEOUT_MS = 300_000
const POLL = { timeout: 120_000, interval: 200 }
const SERVED = 8080

let instance: Instance
let front: Front
let vpc = ''
const closing: (() => unknown)[] = []

beforeAll(async () => {
  instance = await startInstance()
  front = await frontOf(instance)
  ;({ vpc } = await defaultNetwork(instance))
}, TIMEOUT_MS)
afterAll(async () => {
  for (const close of closing.toReversed()) await close()
  await instance?.down()
})

/** Runs a task and lets the server listen where it is. Returns the task's address. */
const served = async (server: Server): Promise<string> => {
  const family = await register(instance, [{ command: ['sleep', '86400'], stopTimeout: 2 }])
  const [arn = ''] = await launch(instance, family)
  const details = (await until(instance, arn, 'RUNNING')).attachments?.[0]?.details ?? []
  const detail = (wanted: string): string => details.find(({ name }) => name === wanted)?.value ?? ''
  const [address, namespace] = [detail('privateIPv4Address'), detail('networkInterfaceId')]
  // The load balancer hangs up as it likes.
  server.on('connection', (socket) => socket.on('error', () => {}))
  server.listen({ fd: listeningSocket(join(instance.config.runDir, 'netns', namespace), address, SERVED) })
  await once(server, 'listening')
  closing.push(() => server.close())
  return address
}

/** A target group with that one target. */
const groupOf = async (address: string, wish: Partial<CreateTargetGroupInput>): Promise<string> => {
  const made = await front.elb.send(
    new CreateTargetGroupCommand({
      Protocol: 'HTTP',
      Port: SERVED,
      VpcId: vpc,
      TargetType: 'ip',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      Name: 'protocol',
      ...wish,
    }),
  )
  const TargetGroupArn = made.TargetGroups?.[0]?.TargetGroupArn ?? ''
  await front.elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: address }] }))
  return TargetGroupArn
}

const untilHealthy = async (group: string): Promise<void> => {
  await expect.poll(() => front.states(group), POLL).toEqual(['healthy'])
}

describe('through an application load balancer', () => {
  it(
    'gRPC calls get to a GRPC target group: one message, many, and both at once',
    async () => {
      const grpc = grpcTarget()
      closing.push(grpc.close)
      const group = await groupOf(await served(grpc.listener), { Name: 'grpc', ProtocolVersion: 'GRPC' })
      const { root, servername } = await front.secureListener(84, group)
      await untilHealthy(group)
      const { hostname } = await doorOf(instance, 84)
      const client = grpcClient(`${hostname}:84`, root, servername)
      closing.push(client.close)
      expect(await conversation(client)).toEqual(CONVERSATION)
    },
    TIMEOUT_MS,
  )

  it(
    'a WebSocket speaks with its target, with and without TLS, also after the listeners have changed',
    async () => {
      const sockets = new WebSocketServer({ noServer: true })
      const server = createServer((_, response) => response.end('ok'))
      server.on('upgrade', (asked, socket, head) =>
        sockets.handleUpgrade(asked, socket, head, (chat) =>
          chat.on('message', (bytes: Buffer) => chat.send(`echo ${bytes.toString()}`)),
        ),
      )
      const group = await groupOf(await served(server), { Name: 'chat' })
      await front.listener(85, group)
      const trust = await front.secureListener(86, group)
      await untilHealthy(group)
      const said = async (client: WebSocket, text: string): Promise<string> => {
        client.send(text)
        const [answer] = (await once(client, 'message')) as [Buffer]
        return answer.toString()
      }
      const clients: WebSocket[] = []
      for (const [scheme, port] of [
        ['ws', 85],
        ['wss', 86],
      ] as const) {
        const { hostname } = await doorOf(instance, port)
        const tls = { agent: new Agent({ ca: trust.root, servername: trust.servername }) }
        const client = new WebSocket(`${scheme}://${hostname}:${port}/chat`, scheme === 'wss' ? tls : {})
        closing.push(() => client.terminate())
        await once(client, 'open')
        expect(await said(client, 'hello')).toBe('echo hello')
        clients.push(client)
      }
      await front.listener(88, group)
      const answered = async (): Promise<string> =>
        doorOf(instance, 88)
          .then(async (door) => (await fetch(door)).text())
          .catch((error: unknown) => String(error))
      await expect.poll(answered, POLL).toBe('ok')
      for (const client of clients) {
        expect(await said(client, 'still there')).toBe('echo still there')
        client.close()
        await once(client, 'close')
      }
    },
    TIMEOUT_MS,
  )
})
