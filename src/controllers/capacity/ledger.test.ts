// Goal: the ledger, kept change by change, is what the records say, and never promises what is not there.
// Method: random lives of tasks; after each step it is compared with what one can reckon from the records alone.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { claimOf } from '#apis/ecs/model/room.ts'
import { askedToStop, type TaskRecord, type TaskStatus } from '#apis/ecs/model/task.ts'
import { Ledger } from './ledger.ts'
import { WaitingQueue } from './queue.ts'
import { victims } from './victims.ts'

const POOL = { cpuUnits: 2048, memoryMiB: 4096 }
const SIZES = [
  [256, 512],
  [256, 2048],
  [1024, 2048],
  [2048, 4096],
  [4096, 8192],
] as const

const taskOf = (number: number, size: number, isSpot: boolean): TaskRecord =>
  ({
    arn: `task-${number}`,
    spec: {
      cpuUnits: SIZES[size]?.[0],
      memoryMiB: SIZES[size]?.[1],
      ...(isSpot ? { capacityProviderName: 'FARGATE_SPOT' } : {}),
    },
    status: { lastStatus: 'PROVISIONING' },
  }) as unknown as TaskRecord

const withStatus = (task: TaskRecord, change: Partial<TaskStatus>): TaskRecord => ({
  ...task,
  status: { ...task.status, ...change },
})

const stopWished = (task: TaskRecord): TaskRecord =>
  askedToStop(task, { code: 'UserInitiated', reason: '', at: '2026-01-01T00:00:00Z' })

class Life {
  readonly ledger = new Ledger(POOL)
  readonly tasks = new Map<string, TaskRecord>()
  readonly granted = new Set<string>()
  readonly evicted = new Set<string>()
  #number = 0

  step(kind: number, pick: number, size: number, isSpot: boolean): void {
    const all = [...this.tasks.values()]
    const task = all[pick % Math.max(1, all.length)]
    if (kind === 0 || task === undefined) this.#put(taskOf(++this.#number, size, isSpot))
    else if (kind === 1) this.#put(stopWished(task))
    else if (kind === 2 && this.granted.has(task.arn)) this.#put(withStatus(task, { networkInterfaceId: 'eni' }))
    // Nobody stops by accident before it has begun.
    else if (kind === 3 && (this.granted.has(task.arn) || task.spec.stop !== undefined)) this.#end(task)
    for (const arn of this.ledger.grant()) this.granted.add(arn)
    for (const arn of this.ledger.evict()) {
      this.evicted.add(arn)
      this.#put(stopWished(this.tasks.get(arn)!))
    }
  }

  #put(task: TaskRecord): void {
    this.tasks.set(task.arn, task)
    this.ledger.record(task.arn, task)
  }

  #end(task: TaskRecord): void {
    this.tasks.delete(task.arn)
    this.granted.delete(task.arn)
    this.ledger.record(task.arn, withStatus(task, { lastStatus: 'STOPPED' }))
  }
}

const steps = fc.array(fc.tuple(fc.nat(3), fc.nat(1000), fc.nat(SIZES.length - 1), fc.boolean()), { maxLength: 80 })
const total = (tasks: readonly TaskRecord[], of: 'cpuUnits' | 'memoryMiB'): number =>
  tasks.reduce((sum, { spec }) => sum + spec[of], 0)

describe('the ledger', () => {
  it('never gives out more than the pool, and counts exactly those who hold room', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const life = new Life()
        for (const step of given) {
          life.step(...step)
          const holding = [...life.tasks.values()].filter(({ arn }) => life.granted.has(arn))
          const { onDemand, spot } = life.ledger.use()
          expect(onDemand.memoryMiB + spot.memoryMiB).toBe(total(holding, 'memoryMiB'))
          expect(onDemand.cpuUnits + spot.cpuUnits).toBe(total(holding, 'cpuUnits'))
          expect(onDemand.memoryMiB + spot.memoryMiB).toBeLessThanOrEqual(POOL.memoryMiB)
          expect(onDemand.cpuUnits + spot.cpuUnits).toBeLessThanOrEqual(POOL.cpuUnits)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('never evicts an on-demand task, and leaves nobody waiting whom the free room would hold', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const life = new Life()
        for (const step of given) life.step(...step)
        const onDemandTasks = [...life.tasks.values()].filter((task) => !claimOf(task).isSpot)
        expect(onDemandTasks.filter(({ arn }) => life.evicted.has(arn))).toEqual([])
        const { onDemand, spot, leaving } = life.ledger.use()
        // Where nobody is leaving, nothing is being kept for anybody either.
        if (leaving.memoryMiB > 0) return
        const free = {
          cpuUnits: POOL.cpuUnits - onDemand.cpuUnits - spot.cpuUnits,
          memoryMiB: POOL.memoryMiB - onDemand.memoryMiB - spot.memoryMiB,
        }
        const waiting = [...life.tasks.values()].filter(
          ({ arn, spec }) => !life.granted.has(arn) && spec.stop === undefined,
        )
        for (const { spec } of waiting) {
          expect(spec.cpuUnits > free.cpuUnits || spec.memoryMiB > free.memoryMiB).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('reckons the same from the records alone, as a new control plane must', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const life = new Life()
        for (const step of given) life.step(...step)
        const holding = [...life.tasks.values()].map((task) =>
          life.granted.has(task.arn) ? withStatus(task, { networkInterfaceId: 'eni' }) : task,
        )
        const again = new Ledger(POOL)
        for (const task of holding) again.record(task.arn, task)
        expect(again.use()).toEqual(life.ledger.use())
      }),
      { numRuns: 300 },
    )
  })
})

describe('the queue', () => {
  it('passes over twenty thousand of one size without looking at each', () => {
    const queue = new WaitingQueue()
    let looks = 0
    for (let number = 0; number < 20_000; number++) {
      const task = {
        arn: `task-${number}`,
        number,
        cpuUnits: 1024,
        get memoryMiB() {
          looks++
          return 2048
        },
      }
      queue.add(task)
    }
    queue.add({ arn: 'small', number: 20_000, cpuUnits: 256, memoryMiB: 512 })
    looks = 0
    const taken: string[] = []
    queue.offer({ cpuUnits: 1024, memoryMiB: 1024 }, ({ arn }) => {
      taken.push(arn)
      return { cpuUnits: 768, memoryMiB: 512 }
    })
    expect(taken).toEqual(['small'])
    expect(looks).toBeLessThan(5)
  })
})

const sized = (...memory: number[]) => memory.map((memoryMiB) => ({ cpuUnits: 256, memoryMiB }))

describe('who gives way', () => {
  // short     youngest first          go
  it.each([
    [1024, [1024, 512, 512], [1024]],
    [1024, [512, 512, 1024], [512, 512]],
    [1024, [512, 1024, 512], [1024]],
    [600, [512, 512, 512], [512, 512]],
    [9999, [512, 512], [512, 512]],
    [0, [512], []],
  ])('%i MiB short, of %j: %j', (memoryMiB, youngestFirst, go) => {
    const chosen = victims(sized(...youngestFirst), { cpuUnits: 0, memoryMiB })
    expect(chosen.map((task) => task.memoryMiB)).toEqual(go)
  })
})
