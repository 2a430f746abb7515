// Goal: once a second, what happened at each load balancer is kept: no request twice, none forgotten, whatever happens to
// the load balancer meanwhile. Method: a load balancer whose counters and requests the test tells, in simulated time.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listeners, loadBalancers, targetGroups, targets } from '#apis/elbv2/tables.ts'
import { silentLog } from '#base/log.ts'
import { SimulatedClock } from '#base/simulated-clock.ts'
import type { BalancerCounters, LoggedRequest } from '#dataplane/balancer/balancer.ts'
import { memoryStore } from '#store/memory/memory-store.ts'
import type { Store } from '#store/store.ts'
import { memoryMetricStore } from '#telemetry/metrics/memory/memory-metric-store.ts'
import type { MetricStore } from '#telemetry/metrics/metric-store.ts'
import { countersRow, doorRow } from '#test/balancer/counters.ts'
import {
  activeBalancerRow,
  BALANCER_PATH,
  groupRow,
  listenerRow,
  loggedRequestRow,
  SCOPE,
  targetRow,
} from '#test/balancer/rows.ts'
import { LoadBalancerMetricsController } from './controller.ts'
import { KEPT_SECONDS, READ_MOST } from './limits.ts'

let store: Store
let metrics: MetricStore
let clock: SimulatedClock
let life: AbortController
let running: Promise<void>
let reading: BalancerCounters | undefined
let asked: number
/** Whoever follows now, and from where. */
let followers: {
  readonly tell: (requests: readonly LoggedRequest[]) => void
  readonly from: string | undefined
  readonly end: () => void
}[]

const counted = (newConnections: number, epoch = 'a', answers = 0): BalancerCounters => ({
  ...countersRow,
  epoch,
  doors: [{ ...doorRow, listenerId: listenerRow.id, newConnections, answers }],
})

beforeEach(async () => {
  store = memoryStore()
  metrics = memoryMetricStore()
  clock = new SimulatedClock()
  reading = counted(0)
  asked = 0
  followers = []
  start()
  await clock.advance(0)
})
afterEach(async () => {
  life.abort()
  await running
})

/** A control plane that has just started. */
const start = (): void => {
  life = new AbortController()
  const controller = new LoadBalancerMetricsController({
    store,
    metrics,
    balancer: {
      counters: async () => {
        asked++
        return reading
      },
    },
    requests: {
      followRequests: (_id, tell, signal, from) =>
        new Promise((resolve) => {
          const follower = { tell, from, end: () => end() }
          const end = (): void => {
            followers = followers.filter((one) => one !== follower)
            resolve()
          }
          followers.push(follower)
          if (signal.aborted) end()
          else signal.addEventListener('abort', end, { once: true })
        }),
    },
    nameOf: ({ name }) => name,
    clock,
    log: silentLog,
  })
  running = controller.run(life.signal)
}

const added = async (): Promise<void> => {
  await store.write(async (tx) => {
    await tx.put(targetGroups, groupRow)
    await tx.put(targets, targetRow('10.0.0.1'))
    await tx.put(loadBalancers, activeBalancerRow())
    await tx.put(listeners, listenerRow)
  })
  await clock.advance(2)
}
const requests = (...ids: readonly (string | number)[]): LoggedRequest[] =>
  ids.map((id) => ({ ...loggedRequestRow, id: String(id), endedAt: clock.now().getTime() }))
const sums = async (name: string): Promise<number[]> => {
  const { account, region } = SCOPE
  const [metric] = await metrics.list({ account, region, name, dimensions: { LoadBalancer: BALANCER_PATH } })
  if (metric === undefined) return []
  const points = await metrics.read(metric, { from: 0, to: 1e12, periodSeconds: 1, limit: 100_000 })
  return points.map(({ sum }) => sum).filter((sum) => sum > 0)
}

it('asks nobody while there is no load balancer, and each second once there is one', async () => {
  await clock.advance(3600)
  expect([asked, followers.length]).toEqual([0, 0])
  await added()
  const before = asked
  await clock.advance(10)
  expect([asked - before, followers.length]).toEqual([10, 1])
})

it('listens no longer to one that is gone', async () => {
  await added()
  await store.write((tx) => tx.delete(loadBalancers, activeBalancerRow().arn))
  await clock.advance(2)
  expect(followers).toEqual([])
})

it('has a sample for each second in which something happened', async () => {
  await added()
  for (const [connections, ...ids] of [[3, 'a', 'b'], [3], [10, 'c']] as const) {
    reading = counted(connections)
    followers[0]?.tell(requests(...ids))
    await clock.advance(1)
  }
  expect([await sums('NewConnectionCount'), await sums('RequestCount')]).toEqual([
    [3, 7],
    [2, 1],
  ])
})

it('goes on after its load balancer did not answer', async () => {
  await added()
  reading = undefined
  await clock.advance(3)
  reading = { ...counted(2, 'b'), since: clock.now().getTime() / 1000 }
  await clock.advance(1)
  expect(await sums('NewConnectionCount')).toEqual([2])
})

describe('requests', () => {
  it('that ended before anybody looked are not counted', async () => {
    await added()
    const [before] = requests('before')
    followers[0]?.tell([{ ...before!, endedAt: before!.endedAt - 60_000 }, ...requests('after')])
    await clock.advance(1)
    expect(await sums('RequestCount')).toEqual([1])
  })

  it('that are told of again, because the log was looked into anew, count once', async () => {
    await added()
    followers[0]?.tell(requests('a', 'b'))
    await clock.advance(1)
    followers[0]?.end()
    await clock.advance(1)
    followers[0]?.tell(requests('a', 'b', 'c'))
    await clock.advance(2)
    expect(await sums('RequestCount')).toEqual([2, 1])
  })

  it('of a load balancer that was loaded anew all count, and so do the last ones before', async () => {
    await added()
    followers[0]?.tell(requests('a'))
    await clock.advance(1)
    followers[0]?.tell(requests('b'))
    followers[0]?.end()
    await clock.advance(0.3)
    followers[0]?.tell(requests('x', 'y'))
    await clock.advance(3)
    expect((await sums('RequestCount')).reduce((sum, one) => sum + one, 0)).toBe(4)
  })

  it('that are too many to be read stand for the others; the next second, one looks again', async () => {
    await added()
    const many = Array.from({ length: READ_MOST + 1 }, (_, index) => index)
    // Those that it remembered are read whatever their number.
    followers[0]?.tell(requests('first'))
    await clock.advance(1)
    followers[0]?.tell(requests(...many))
    await clock.advance(0)
    expect(followers).toEqual([])
    reading = counted(1, 'a', 3 * many.length)
    await clock.advance(1)
    expect(followers.map(({ from }) => from)).toEqual(['now'])
    followers[0]?.tell(requests('late'))
    await clock.advance(1)
    expect(await sums('RequestCount')).toEqual([1, 3 * many.length, 1])
  })
})

describe('while no control plane runs', () => {
  const away = async (seconds: number): Promise<void> => {
    life.abort()
    await running
    await clock.advance(seconds)
  }

  it('what happens is told by the next one: requests of the seconds they ended in', async () => {
    await added()
    reading = counted(2)
    followers[0]?.tell(requests('a', 'b'))
    await clock.advance(1)
    await away(100)
    const missed = requests('c', 'd')
    reading = counted(7)
    await away(200)
    start()
    await clock.advance(0.5)
    followers[0]?.tell([...requests('a', 'b'), ...missed])
    await clock.advance(5)
    followers[0]?.tell(requests('e'))
    await clock.advance(1)
    expect([await sums('NewConnectionCount'), await sums('RequestCount')]).toEqual([
      [2, 5],
      [2, 2, 1],
    ])
    const { account, region } = SCOPE
    const [metric] = await metrics.list({
      account,
      region,
      name: 'RequestCount',
      dimensions: { LoadBalancer: BALANCER_PATH },
    })
    const second = Math.floor(missed[0]!.endedAt / 1000)
    const found = await metrics.read(metric!, { from: second, to: second + 1, periodSeconds: 1, limit: 9 })
    expect(found.map(({ sum }) => sum)).toEqual([2])
  })

  it('also of a load balancer that was started anew meanwhile, and of one that was not asked anything before', async () => {
    await added()
    await away(100)
    const missed = requests('x')
    reading = { ...counted(1, 'b'), since: clock.now().getTime() / 1000 }
    await away(100)
    start()
    await clock.advance(0.5)
    followers[0]?.tell(missed)
    await clock.advance(5)
    expect([await sums('NewConnectionCount'), await sums('RequestCount')]).toEqual([[1], [1]])
  })

  it('more than the load balancer remembers is known by its number', async () => {
    await added()
    reading = counted(1, 'a', 1)
    followers[0]?.tell(requests('a'))
    await clock.advance(1)
    await away(100)
    const missed = requests('y', 'z')
    reading = counted(1, 'a', 1001)
    start()
    await clock.advance(0.5)
    followers[0]?.tell(missed)
    await clock.advance(5)
    expect((await sums('RequestCount')).reduce((sum, one) => sum + one, 0)).toBe(1001)
  })

  it('one that is deleted leaves nothing to remember', async () => {
    await added()
    reading = counted(1)
    await clock.advance(1)
    expect(Object.keys(await metrics.marks())).toHaveLength(1)
    await store.write((tx) => tx.delete(loadBalancers, activeBalancerRow().arn))
    await clock.advance(2)
    expect(await metrics.marks()).toEqual({})
  })
})

it('keeps some hours', async () => {
  await added()
  reading = counted(5)
  await clock.advance(1)
  expect(await sums('NewConnectionCount')).toEqual([5])
  await clock.advance(KEPT_SECONDS + 600)
  expect(await sums('NewConnectionCount')).toEqual([])
})
