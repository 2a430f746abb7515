// Load balancers: requests beside HAProxies with configurations that somebody has written by hand, interleaved in one run:
// an equivalent one, and a plain one that does less; how long changes, deaths and starts take; what clients see of changes.

import { systemClock } from '#base/clock.ts'
import type { BalancerPlan, GroupPlan } from '#dataplane/balancer/balancer.ts'
import { clientOf, type Protocol } from '#test/asking-clients.ts'
import { PORT, respond, when } from '#test/balancer/plans.ts'
import { BalancerWorld } from '#test/balancer/world.ts'
import { type Outcome, whileAsking } from './balancer-clients.ts'
import {
  allGroups,
  EQUIVALENT,
  GROUPS,
  groupOf,
  load,
  PLAIN,
  planOf,
  portOf,
  rules,
  startBare,
  startTarget,
  startTargets,
  TARGETS_PER_GROUP,
  TLS_PORT,
} from './balancer-world.ts'
import { percentile, table } from './statistics.ts'

/** Many short ones: what else the machine does then falls on all sides alike. */
const ROUNDS = 24
const MILLISECONDS = 300
const CONNECTIONS = 32
const CLIENTS = 8
const CHANGES = 20
const DEATHS = 5
/** More than the groups have, for those that come later. */
const SPARE = 40
/** The group that changes. */
const GROUP = 25

const median = (values: readonly number[]): number => percentile(values, 0.5)

interface Side {
  readonly name: string
  readonly port: number
  readonly rates: number[]
  /** Milliseconds: medians. */
  readonly times: number[]
  failed: number
}

/** Each side in turn, as many requests as it answers on so many connections. */
const measured = async (world: BalancerWorld, protocol: Protocol, connections: number): Promise<Side[]> => {
  const isTls = protocol === 'HTTP/2'
  const sides: Side[] = [
    ...[EQUIVALENT, PLAIN].map(({ name, port, tlsPort }) => ({ name, port: isTls ? tlsPort : port })),
    { name: 'Neargate', port: isTls ? TLS_PORT : PORT },
  ].map((side) => ({ ...side, rates: [], times: [], failed: 0 }))
  for (let round = 0; round < ROUNDS; round++) {
    const first = round % sides.length
    for (const side of [...sides.slice(first), ...sides.slice(0, first)]) {
      const seen = await load(world, protocol, side.port, MILLISECONDS, connections)
      side.rates.push(seen.requestsPerSecond)
      side.times.push(median(seen.times))
      side.failed += seen.failed
    }
  }
  return sides
}

/** With many connections p50 is how long requests wait for each other; with one, how long one takes. */
const compared = async (world: BalancerWorld, protocol: Protocol): Promise<void> => {
  for (const connections of [CONNECTIONS, 1]) {
    const sides = await measured(world, protocol, connections)
    const ours = sides.at(-1)
    /** Of each round by itself. */
    const beside = (what: 'rates' | 'times', theirs: Side): string =>
      median((ours?.[what] ?? []).map((value, round) => value / (theirs[what][round] ?? Number.NaN))).toFixed(2)
    console.log(`${protocol}, ${connections} at once:`)
    for (const side of sides) {
      const { name, rates, times, failed } = side
      const shown = `${median(rates).toFixed(0)} requests/s, p50 ${median(times).toFixed(3)} ms, ${failed} failed`
      const ratios = `${beside('rates', side)}× requests/s, ${beside('times', side)}× p50`
      console.log(`  ${name.padEnd(10)} ${shown}: Neargate has ${ratios}`)
    }
  }
}

const since = (start: number): number => performance.now() - start

/** Milliseconds until the answers of `path` are as wanted. */
const untilAnswered = async (world: BalancerWorld, path: string, isIt: (body: string) => boolean): Promise<number> => {
  const start = performance.now()
  const client = clientOf('HTTP/1.1', world.hostAddress, PORT)
  for (;;) {
    const answer = await client.ask(path).catch(() => undefined)
    if (answer !== undefined && isIt(answer.body)) break
  }
  client.end()
  return since(start)
}

/** With these numbers as targets of the group that changes. */
const groupsWith = (group: GroupPlan): GroupPlan[] =>
  allGroups().map((other, index) => (index === GROUP ? group : other))

interface Scene {
  readonly world: BalancerWorld
  readonly plan: (groups?: readonly GroupPlan[], extra?: Parameters<typeof rules>[0]) => BalancerPlan
}

const path = `/g${GROUP}/x`
const spare = (number: number): number => GROUPS * TARGETS_PER_GROUP + number
const own = Array.from({ length: TARGETS_PER_GROUP }, (_, number) => number)
/** Numbers count from the first target of the group. */
const asOwn = (number: number): number => spare(number) - GROUP * TARGETS_PER_GROUP

const changes = async ({ world, plan }: Scene): Promise<void> => {
  const added: number[] = []
  const removed: number[] = []
  const ruled: number[] = []
  for (let number = 0; number < CHANGES; number++) {
    const fresh = groupOf(GROUP, [...own.slice(1), asOwn(number)])
    const wanted = `${portOf(spare(number))}`
    const seen = untilAnswered(world, path, (body) => body === wanted)
    await world.balancer().apply(plan(groupsWith(fresh)))
    added.push(await seen)
    // Gone when it has not been seen for as many requests as would meet it for certain.
    const start = performance.now()
    let last = 0
    const client = clientOf('HTTP/1.1', world.hostAddress, PORT)
    const applied = world.balancer().apply(plan())
    for (let missed = 0; missed < 4 * TARGETS_PER_GROUP; missed++) {
      if ((await client.ask(path)).body !== wanted) continue
      last = since(start)
      missed = 0
    }
    client.end()
    await applied
    removed.push(last)
  }
  for (let number = 0; number < CHANGES; number++) {
    const rule = when(respond(200, `rule ${number}`), { on: 'path', patterns: ['/rule'] })
    const told = untilAnswered(world, '/rule', (body) => body === `rule ${number}`)
    await world.balancer().apply(plan(undefined, [rule]))
    ruled.push(await told)
  }
  console.log(
    table({ 'a target is added, asked, serves': added, 'a target that is removed': removed, 'a rule changes': ruled }),
  )
}

const shownOutcome = (what: string, { requests, errors }: Outcome): void => {
  const shown = [...errors].map(([why, count]) => `${count} × ${why}`).join(', ')
  console.log(`  ${what}: ${requests} requests, ${shown === '' ? '0 errors' : shown}`)
}

const underLoad = async ({ world, plan }: Scene, protocol: Protocol): Promise<void> => {
  const open = () => clientOf(protocol, world.hostAddress, protocol === 'HTTP/2' ? TLS_PORT : PORT)
  const ruled = await whileAsking(open, CLIENTS, path, async () => {
    for (let number = 0; number < CHANGES; number++) {
      const rule = when(respond(200, `${number}`), { on: 'path', patterns: [`/rule-${number}`] })
      await world.balancer().apply(plan(undefined, [rule]))
    }
  })
  shownOutcome(`${protocol}, ${CHANGES} changes of rules`, ruled)
  const replaced = await whileAsking(open, CLIENTS, path, async () => {
    let old = own
    for (let number = 0; number < CHANGES; number++) {
      const next = number % 2 === 0 ? own.map(asOwn) : own
      await world.apply(plan(groupsWith(groupOf(GROUP, [...old, ...next]))))
      const leaving = groupOf(GROUP, old).targets.map((target) => ({ ...target, isDraining: true }))
      const both = groupOf(GROUP, next)
      await world.balancer().apply(plan(groupsWith({ ...both, targets: [...both.targets, ...leaving] })))
      while (
        ((await world.balancer().targets('app-test')) ?? []).some(
          ({ port, sessions }) => sessions > 0 && leaving.some((target) => target.port === port),
        )
      )
        await systemClock.sleep(0.01)
      await world.balancer().apply(plan(groupsWith(both)))
      old = next
    }
  })
  shownOutcome(`${protocol}, all targets of a group replaced ${CHANGES} times`, replaced)
}

/** The control plane takes a dead task out at once: so do we. */
const targetDeaths = async ({ world, plan }: Scene): Promise<void> => {
  const out: number[] = []
  const outcome = await whileAsking(
    () => clientOf('HTTP/1.1', world.hostAddress, PORT),
    CLIENTS,
    path,
    async () => {
      for (let number = 0; number < DEATHS; number++) {
        const index = SPARE + number
        const child = await startTarget(world, portOf(spare(index)))
        await world.apply(plan(groupsWith(groupOf(GROUP, [...own, asOwn(index)]))))
        const start = performance.now()
        child.kill()
        await child.exited
        await world.balancer().apply(plan())
        out.push(since(start))
      }
    },
  )
  console.log(table({ 'a killed target is out of rotation': out }))
  shownOutcome(`HTTP/1.1, ${DEATHS} targets killed`, outcome)
}

const balancerDeaths = async ({ world, plan }: Scene): Promise<void> => {
  const back: number[] = []
  const stop = world.balancer().watch(() => {
    // As the controller does it.
    void world.balancer().apply(plan())
  })
  for (let number = 0; number < DEATHS; number++) {
    const pids = world.processes()
    const start = performance.now()
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    await untilAnswered(world, path, (body) => body !== '')
    back.push(since(start))
    await systemClock.sleep(0.5)
  }
  stop()
  console.log(table({ 'HAProxy killed, serves again': back }))
}

export const run = async (): Promise<void> => {
  const world = await BalancerWorld.open()
  const { pem } = world.certificate('bench.test')
  const plan: Scene['plan'] = (groups = allGroups(), extra = []) => planOf(world, groups, rules(extra), pem)
  const children = [
    await startTargets(world, GROUPS * TARGETS_PER_GROUP + SPARE),
    await startBare(world, PLAIN, pem),
    await startBare(world, EQUIVALENT, pem),
  ]
  try {
    const start = performance.now()
    await world.apply(plan())
    console.log(
      `${GROUPS} groups of ${TARGETS_PER_GROUP} targets and ${GROUPS} rules: all healthy ${since(start).toFixed(0)} ms after nothing`,
    )
    for (const protocol of ['HTTP/1.1', 'HTTP/2'] as const) await compared(world, protocol)
    const scene = { world, plan }
    await changes(scene)
    for (const protocol of ['HTTP/1.1', 'HTTP/2'] as const) await underLoad(scene, protocol)
    await world.balancer().apply(plan())
    await targetDeaths(scene)
    await balancerDeaths(scene)
  } finally {
    for (const child of children) child.kill()
    await world.close()
  }
}
