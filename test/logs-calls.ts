// For tests of CloudWatch Logs: its operations as a caller sees them, on in-process stores and in simulated time.

import { beforeEach, expect } from 'vitest'
import { createLogGroup } from '#apis/logs/operations/create-log-group.ts'
import { createLogStream } from '#apis/logs/operations/create-log-stream.ts'
import { putLogEvents } from '#apis/logs/operations/put-log-events.ts'
import type { Call, Operation } from '#aws/operation.ts'
import { SimulatedClock } from '#base/simulated-clock.ts'
import { testCall } from './call.ts'

export const NOW = Date.parse('2026-01-01T00:00:00Z')
export const HOUR = 3600_000
export const DAY = 24 * HOUR
export let call: Call
export let clock: SimulatedClock

/** Calls an operation as the server would. */
export const ask = <I, O>(operation: Operation<I, O>, input: Parameters<Operation<I, O>>[0], as: Call = call) =>
  operation(input, as)

beforeEach(() => {
  clock = new SimulatedClock('2026-01-01T00:00:00Z')
  call = { ...testCall(), clock }
})

export const group = (logGroupName: string) => ask(createLogGroup, { logGroupName })
export const stream = (logGroupName: string, logStreamName: string) =>
  ask(createLogStream, { logGroupName, logStreamName })
export const put = (logStreamName: string, ...events: readonly (readonly [number, string])[]) =>
  ask(putLogEvents, {
    logGroupName: 'g',
    logStreamName,
    logEvents: events.map(([timestamp, message]) => ({ timestamp, message })),
  })

export const refusesMissing = async (answer: Promise<unknown>, what: string) =>
  expect(await answer.catch((error: unknown) => error)).toMatchObject({
    code: 'ResourceNotFoundException',
    message: `The specified log ${what} does not exist.`,
  })
