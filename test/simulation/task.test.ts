// Goal: whatever is asked of the task controller, in whatever order, with an engine that is slow and fails and a control
// plane that dies: what is promised of tasks stays true at every moment, and when the trouble ends everything settles.
// Method: a seed chooses task definitions, calls, faults, deaths and jumps of time. A failing seed is printed; run one
// alone with NEARGATE_SEED=n, thousands with NEARGATE_SEEDS=m, or m from n on with both.

import { describe, expect, it } from 'vitest'
import { TASK_STATES, type TaskRecord } from '#apis/ecs/model/task.ts'
import { tasks } from '#apis/ecs/tables.ts'
import type { TaskArn } from '#aws/arn.ts'
import { Fault } from '#base/fault.ts'
import { type Random, seededRandom } from '#base/random.ts'
import { type Container, World } from '#test/scenarios/world.ts'

const FROM = process.env['NEARGATE_SEED']
const SEEDS = Number(process.env['NEARGATE_SEEDS'] ?? (FROM === undefined ? 200 : 1))
const FIRST_SEED = Number(FROM ?? 1)
const MOVES = 25
/** Longer than every stopTimeout, start timeout and back-off of a task one after the other. */
const SETTLING_SECONDS = 1800

const chance = (random: Random, share: number): boolean => random.fraction() < share
const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random.fraction() * from.length)] as T
const upTo = (random: Random, most: number): number => Math.floor(random.fraction() * (most + 1))

class Trouble {
  on = true
}

/** One to four containers with a past, present and future of their own. */
const containers = (world: World, random: Random, family: number, trouble: Trouble): Container[] => {
  const count = 1 + upTo(random, 3)
  const made: Container[] = []
  for (let index = 0; index < count; index++) {
    const name = `f${family}c${index}`
    const isChecked = chance(random, 0.3)
    const fault = (share: number) => (): Fault | undefined =>
      trouble.on && chance(random, share)
        ? new Fault(pick(random, ['failed', 'failed', 'busy', 'invalid']), 'trouble')
        : undefined
    world.script(name, {
      ...(chance(random, 0.5) ? { exitAfterSeconds: upTo(random, 200), exitCode: pick(random, [0, 0, 1, 137]) } : {}),
      oomKilled: chance(random, 0.1),
      ignoresStop: chance(random, 0.2),
      stopSeconds: upTo(random, 5),
      createSeconds: upTo(random, 3),
      startSeconds: upTo(random, 3),
      createFault: fault(0.15),
      startFault: fault(0.15),
      exec: () => ({ exitCode: chance(random, 0.3) ? 1 : 0, output: '' }),
      execSeconds: upTo(random, 7),
    })
    made.push({
      name,
      essential: index === count - 1 || chance(random, 0.4),
      stopTimeout: 2 + upTo(random, 20),
      ...(chance(random, 0.3) ? { startTimeout: 2 + upTo(random, 30) } : {}),
      ...(isChecked ? { healthCheck: { command: ['CMD', 'x'], interval: 5 + upTo(random, 20), retries: 2 } } : {}),
      ...(chance(random, 0.3) ? { restartPolicy: { enabled: true, restartAttemptPeriod: 60 } } : {}),
      ...(chance(random, 0.3) ? { logConfiguration: LOGS } : {}),
      dependsOn: made.filter(() => chance(random, 0.4)).map((other) => dependency(random, other)),
    })
  }
  return made
}

const dependency = (random: Random, other: Container) => {
  const able = [
    'START' as const,
    ...(other.essential === true ? [] : ['COMPLETE' as const, 'SUCCESS' as const]),
    ...(other.healthCheck === undefined ? [] : ['HEALTHY' as const]),
  ]
  return { containerName: other.name, condition: pick(random, able) }
}

const LOGS = {
  logDriver: 'awslogs',
  options: {
    'awslogs-group': '/simulated',
    'awslogs-region': 'eu-west-1',
    'awslogs-stream-prefix': 's',
    'awslogs-create-group': 'true',
  },
} as const

/** What may never be untrue; called at every change of a record. */
const watchful = (world: World, problems: string[]): void => {
  const wrong = (text: string): unknown => problems.push(text)
  /** By container name: no two containers of a history share one. */
  const restarts = new Map<string, number>()
  world.store.watch([tasks], (changes) => {
    for (const { before, after } of changes as readonly { before?: TaskRecord; after?: TaskRecord }[]) {
      if (before === undefined || after === undefined) continue
      for (const { name, restartCount } of after.status.containers) restarts.set(name, restartCount)
      const [from, to] = [before.status.lastStatus, after.status.lastStatus]
      if (TASK_STATES.indexOf(to) < TASK_STATES.indexOf(from)) wrong(`${after.id} went back from ${from} to ${to}`)
      if (from === 'STOPPED') wrong(`${after.id} changed after its end`)
      if (before.status.stopCode !== undefined && before.status.stopCode !== after.status.stopCode) {
        wrong(`${after.id} changed its stop code`)
      }
      const { stopCode, stoppedReason, stoppedAt, containers: ended } = after.status
      if (to === 'STOPPED') {
        if (stopCode === undefined || stoppedReason === undefined || stoppedAt === undefined) {
          wrong(`${after.id} stopped without telling why and when`)
        }
        if (ended.some(({ lastStatus }) => lastStatus !== 'STOPPED')) wrong(`${after.id} stopped before its containers`)
      }
      if (
        to === 'RUNNING' &&
        ended.some(
          ({ essential, lastStatus, startedAt }) => essential && lastStatus === 'PENDING' && startedAt === undefined,
        )
      ) {
        wrong(`${after.id} runs before its containers`)
      }
    }
  })
  // A container's lives: the engine may start it once, and once more for each restart that is on record.
  const { diary } = world.engine
  const tell = diary.push.bind(diary)
  const starts = new Map<string, number>()
  diary.push = (...entries) => {
    for (const entry of entries) {
      const [, name] = /^start (.+)$/.exec(entry) ?? []
      if (name === undefined) continue
      starts.set(name, (starts.get(name) ?? 0) + 1)
      if ((starts.get(name) ?? 0) > 1 + (restarts.get(name) ?? 0))
        wrong(`${name} was started ${starts.get(name)} times`)
    }
    return tell(...entries)
  }
}

/** Only what is known to run: what a lost host had begun and not told, is rightly begun again. */
const lose = (world: World, task: TaskRecord | undefined): void => {
  if (task?.status.startedAt !== undefined) world.engine.lose(task.id)
}

const simulated = async (seed: number): Promise<{ problems: string[]; world: World }> => {
  const random = seededRandom(seed)
  const world = await new World({ seed }).begin()
  const trouble = new Trouble()
  const problems: string[] = []
  watchful(world, problems)
  const pull = world.engine.images.pull.bind(world.engine.images)
  world.engine.images.pull = async (reference, credentials) => {
    if (trouble.on && chance(random, 0.3)) await world.clock.sleep(upTo(random, 60))
    if (trouble.on && chance(random, 0.05)) throw new Fault('unreachable', 'no route to registry')
    return pull(reference, credentials)
  }
  const attach = world.network.attach.bind(world.network)
  world.network.attach = async (plan) => {
    if (trouble.on && chance(random, 0.2)) await world.clock.sleep(upTo(random, 20))
    if (trouble.on && chance(random, 0.2)) throw new Fault('failed', 'no link')
    return attach(plan)
  }
  const arns: TaskArn[] = []
  for (let move = 0; move < MOVES; move++) {
    const kind = random.fraction()
    if (kind < 0.3) arns.push(await world.run(containers(world, random, move, trouble)))
    else if (kind < 0.45 && arns.length > 0) await world.stop(pick(random, arns))
    else if (kind < 0.6) await world.restart()
    else if (kind < 0.65 && arns.length > 0) lose(world, await world.task(pick(random, arns)))
    else if (kind < 0.7) {
      const running = (await world.engine.observe()).flatMap((task) => task.containers)
      if (running.length > 0) world.engine.kill(pick(random, running).id, 137, chance(random, 0.5))
    } else if (kind < 0.75) {
      world.crash()
      await world.advance(upTo(random, 100))
      await world.restart()
    }
    await world.advance(pick(random, [0, 0.05, 1, 5, 30, 120]))
  }
  trouble.on = false
  await world.advance(SETTLING_SECONDS / 2)
  for (const arn of arns) if ((await world.task(arn)) !== undefined) await world.stop(arn)
  await world.advance(SETTLING_SECONDS)
  for (const task of await world.store.read((reader) => reader.list(tasks))) {
    if (task.status.lastStatus !== 'STOPPED') problems.push(`${task.id} has not ended: ${task.status.lastStatus}`)
  }
  problems.push(...(await world.leftovers()).map((left) => `left over: ${left}`))
  world.crash()
  return { problems, world }
}

describe('the task controller', () => {
  it(`keeps its promises through ${SEEDS} random histories`, async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const { problems, world } = await simulated(seed)
      expect(problems, `seed ${seed}${SEEDS === 1 ? world.story : ''}`).toEqual([])
    }
  }, 3_600_000)

  it('replays a history from its seed', async () => {
    const first = await simulated(7)
    const second = await simulated(7)
    expect(second.world.story).toBe(first.world.story)
  })
})
