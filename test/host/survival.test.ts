// Goal: kill -9 of the control plane, at any step of a launch or of a stop, loses no task, starts none twice, and leaves
// nothing over.
// Method: 100 rounds with seeded randomness; each launches or stops tasks, kills at a random moment, starts again. Every
// container writes one line when it starts, so a second start would show in its log.

import { ListTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '#base/random.ts'
import { type Instance, startInstance } from '#test/instance.ts'
import { leftovers, NONE } from '#test/leftovers.ts'
import { describeTask, launch, logOf, register, until } from '#test/tasks.ts'

const ROUNDS = 100

let instance: Instance
beforeAll(async () => {
  instance = await startInstance()
})
afterAll(() => instance.down())

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

const containers = [
  { command: ['sh', '-c', 'echo started; trap "exit 4" TERM; while :; do sleep 0.05; done'], stopTimeout: 10 },
  { essential: false, command: ['sh', '-c', 'echo started; exit 0'] },
]

describe('kill -9 of the control plane', () => {
  it(`does no harm in ${ROUNDS} random moments of launches and stops`, async () => {
    const random = seededRandom(20261121)
    const family = await register(instance, containers)
    const alive: string[] = []
    const stopped: string[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const wishes: Promise<unknown>[] = []
      if (alive.length < 6) {
        // The kill may come before the answer: what was accepted is found by listing, below.
        wishes.push(
          launch(instance, family, { startedBy: 'survival' }).then(
            (arns) => alive.push(...arns),
            () => undefined,
          ),
        )
      }
      if (alive.length > 2) {
        const victim = alive.splice(Math.floor(random.fraction() * alive.length), 1)[0] ?? ''
        stopped.push(victim)
        wishes.push(instance.ecs.send(new StopTaskCommand({ task: victim })).catch(() => undefined))
      }
      // Two in three kills fall into the launch or stop itself, the others into the call that asks for it.
      if (random.fraction() < 2 / 3) await Promise.all(wishes)
      await pause(random.fraction() * 120)
      await instance.kill()
      await Promise.all(wishes)
      await instance.up()
    }

    const list = async (desiredStatus: 'RUNNING' | 'STOPPED') => {
      const arns: string[] = []
      for (let nextToken: string | undefined; ;) {
        const page = await instance.ecs.send(
          new ListTasksCommand({ desiredStatus, ...(nextToken ? { nextToken } : {}) }),
        )
        arns.push(...(page.taskArns ?? []))
        nextToken = page.nextToken
        if (nextToken === undefined) return arns
      }
    }
    const known = [...(await list('RUNNING')), ...(await list('STOPPED'))]
    // No task lost: whatever was acknowledged is known.
    expect([...alive, ...stopped].filter((arn) => !known.includes(arn))).toEqual([])

    for (const arn of await list('RUNNING')) {
      const task = await until(instance, arn, 'RUNNING')
      expect(task.containers?.[0]?.lastStatus).toBe('RUNNING')
      await instance.ecs.send(new StopTaskCommand({ task: arn }))
    }
    for (const arn of known) {
      const task = await until(instance, arn, 'STOPPED')
      expect(task.stopCode, `${arn}: ${task.stoppedReason}\n${instance.complaints()}`).toBe('UserInitiated')
      // None started twice: one line from each container of a task that ran.
      for (const name of ['c0', 'c1']) {
        const ran = task.startedAt !== undefined
        expect(ran ? await logOf(instance, task, name) : [], `${arn} ${name}`).toEqual(ran ? ['started'] : [])
      }
    }
    expect(known.length).toBeGreaterThan(20)
    expect(leftovers(instance.config)).toEqual(NONE)
  }, 600_000)

  it('leaves a running task, its output and its exit code alone', async () => {
    const family = await register(instance, [
      { command: ['sh', '-c', 'i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); sleep 0.01; done; exit 9'] },
    ])
    const [arn = ''] = await launch(instance, family)
    await until(instance, arn, 'RUNNING')
    await instance.kill()
    // It ends while nobody looks.
    await pause(5000)
    await instance.up()
    const task = await until(instance, arn, 'STOPPED')
    expect(task.containers?.[0]?.exitCode).toBe(9)
    expect(await logOf(instance, task)).toEqual(Array.from({ length: 300 }, (_, index) => `line ${index}`))
    expect((await describeTask(instance, arn)).stopCode).toBe('EssentialContainerExited')
  }, 60_000)
})
