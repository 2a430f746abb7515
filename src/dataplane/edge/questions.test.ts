// Goal: a task's question reaches whoever tells the edge, and is over in time when nobody answers.

import { PassThrough } from 'node:stream'
import type { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { SimulatedClock } from '#base/simulated-clock.ts'
import { Questions } from './questions.ts'

const question = { taskArn: 'arn/task', method: 'GET', path: '/', body: '' }
const answer = { status: 200, body: { protection: {} } }
const socket = (): Socket & PassThrough => new PassThrough() as unknown as Socket & PassThrough
const lineOf = (side: PassThrough): { question: number } => JSON.parse(String(side.read())) as { question: number }

it('asks whoever told it something last, and gives each question its own answer', async () => {
  const questions = new Questions(new SimulatedClock())
  const [old, now] = [socket(), socket()]
  questions.toldBy(old)
  questions.toldBy(now)
  const first = questions.ask(question)
  const { question: number } = lineOf(now)
  const second = questions.ask({ ...question, method: 'PUT' })
  questions.answered({ answered: lineOf(now).question, answer: { status: 400, body: {} } })
  questions.answered({ answered: number, answer })
  expect(await first).toEqual(answer)
  expect((await second)?.status).toBe(400)
  expect(old.read()).toBeNull()
})

it('answers nothing when nobody is there, when they go away, fail or are late', async () => {
  const clock = new SimulatedClock()
  const questions = new Questions(clock)
  expect(await questions.ask(question)).toBeUndefined()
  const client = socket()
  questions.toldBy(client)
  const failed = questions.ask(question)
  questions.answered({ answered: lineOf(client).question })
  expect(await failed).toBeUndefined()
  const late = questions.ask(question)
  await clock.advance(5)
  expect(await late).toBeUndefined()
  const orphaned = questions.ask(question)
  client.destroy()
  expect(await orphaned).toBeUndefined()
})
