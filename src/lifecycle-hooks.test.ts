// Goal: an HTTP endpoint is asked as a Lambda function would be, and nothing that was not allowed is asked at all.
// Method: a server on loopback that answers as each case needs.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { ServiceDeploymentRecord } from '#apis/ecs/model/service-deployment.ts'
import { SimulatedClock } from '#base/simulated-clock.ts'
import type { HookCall } from '#controllers/service/seams.ts'
import { httpDeploymentHooks, httpHooks } from './lifecycle-hooks.ts'

const clock = new SimulatedClock()
let server: Server
let base: string
let answer: object
let asked: unknown[]

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      asked.push(JSON.parse(body))
      response.statusCode = request.url === '/broken' ? 500 : 200
      response.end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => server.close())
beforeEach(() => {
  asked = []
})

const call = (targetArn: string): HookCall => ({
  hookId: 'h-1',
  stage: 'PRODUCTION_TRAFFIC_SHIFT',
  deployment: {
    arn: 'arn:deployment',
    serviceArn: 'arn:service',
    spec: { targetRevisionArn: 'arn:revision' },
  } as unknown as ServiceDeploymentRecord,
  targetArn,
  details: { team: 'a' },
  testWeights: {},
  productionWeights: { 'arn:revision': 5 },
})

it('hands over what a function would be handed, and takes its answer', async () => {
  answer = { hookStatus: 'SUCCEEDED' }
  expect(await httpHooks([base], clock)(call(`${base}check`))).toEqual({ status: 'SUCCEEDED' })
  expect(asked).toEqual([
    {
      executionId: 'h-1',
      lifecycleStage: 'PRODUCTION_TRAFFIC_SHIFT',
      resourceArn: 'arn:deployment',
      executionDetails: {
        serviceArn: 'arn:service',
        targetServiceRevisionArn: 'arn:revision',
        testTrafficWeights: {},
        productionTrafficWeights: { 'arn:revision': 5 },
      },
      hookDetails: { team: 'a' },
    },
  ])
})

it('asks a busy hook again when it says so', async () => {
  answer = { hookStatus: 'IN_PROGRESS', callBackDelay: 7 }
  const again = await httpHooks([base], clock)(call(base))
  expect(again).toEqual({ status: 'IN_PROGRESS', askAgainAt: clock.now().getTime() + 7000 })
})

it('takes no answer that a hook may not give, and asks nobody who is not allowed', async () => {
  answer = { hookStatus: 'MAYBE' }
  await expect(httpHooks([base], clock)(call(base))).rejects.toThrow(/hookStatus/)
  asked = []
  await expect(httpHooks([], clock)(call(base))).rejects.toThrow(/NEARGATE_LIFECYCLE_HOOKS/)
  expect(asked).toEqual([])
})

it('hands CodeDeploy’s hooks what their functions would be handed, and reads no answer', async () => {
  answer = { whatever: true }
  const ids = { deploymentId: 'd-123456789', hookExecutionId: 'e-1' }
  await httpDeploymentHooks([base], clock)({ ...ids, target: `${base}check` })
  expect(asked).toEqual([{ DeploymentId: 'd-123456789', LifecycleEventHookExecutionId: 'e-1' }])
  const invoke = httpDeploymentHooks([`${base}hooks/`, `${base}broken`], clock)
  await expect(invoke({ ...ids, target: `${base}check` })).rejects.toThrow('is not an allowed hook')
  await expect(invoke({ ...ids, target: 'my-function' })).rejects.toThrow('my-function is not an allowed hook')
  expect(asked).toHaveLength(1)
  await expect(invoke({ ...ids, target: `${base}broken` })).rejects.toThrow('answered 500')
})
