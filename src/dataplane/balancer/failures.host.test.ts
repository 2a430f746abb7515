// Goal: when a target fails, clients, the log and the counters are told what ELB would tell them: by the status one knows
// whether there is no target, it refuses, it is silent, or it talks rubbish. Method: targets that do just that.

import { execFileSync } from 'node:child_process'
import { createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { balancerPlan, draining, forward, group, listener, PORT, when } from '#test/balancer/plans.ts'
import { BalancerWorld, TARGETS } from '#test/balancer/world.ts'
import type { GroupPlan } from './balancer.ts'

const PATIENCE = { timeout: 60_000, interval: 50 }
const ID = 'app-test'

let world: BalancerWorld
beforeEach(async () => {
  world = await BalancerWorld.open()
})
afterEach(() => world.close())

/** Each group under a path of its own. */
const served = (groups: readonly GroupPlan[], idleTimeoutSeconds = 60): Promise<void> => {
  const rules = groups.map(({ id }) => when(forward([id, 1]), { on: 'path', patterns: [`/${id}`] }))
  const plan = balancerPlan(world, groups, [listener([...rules, when(forward([groups[0]!.id, 1]))])])
  return world.apply({ ...plan, idleTimeoutSeconds })
}

/** Its health is asked at a port where all is well. */
const seemsWell = async (): Promise<Partial<GroupPlan>> => {
  const { port } = await world.web((_, response) => response.end())
  return { healthCheck: { ...group('', []).healthCheck, port } }
}

const target = (told: (socket: Socket) => void) =>
  world.listen(createServer((socket) => void socket.once('data', () => told(socket))))

const nobody = () => ({ address: TARGETS, port: world.newPort() })

/** A port whose packets go nowhere, as behind a security group. */
const silence = () => {
  const port = world.newPort()
  const rules = `add table ip silence
    add chain ip silence in { type filter hook input priority 0; }
    add rule ip silence in tcp dport ${port} drop`
  world.outside(() => execFileSync('nft', ['-f', '-'], { input: rules }))
  return { address: TARGETS, port }
}

const page = (title: string): string =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`

const answerOf = async (path: string, method = 'GET') => {
  const text = await world.sendRaw(
    PORT,
    `${method} /${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
  )
  const end = text.indexOf('\r\n\r\n')
  const [head, body] = [text.slice(0, end), text.slice(end + 4)]
  return { status: head.split('\r\n')[0], server: /^server: (.*)$/im.exec(head)?.[1], body }
}

const elb = (title: string) => ({ status: `HTTP/1.1 ${title}`, server: 'awselb/2.0', body: page(title) })
const BAD = elb('502 Bad Gateway')
const NONE = elb('503 Service Temporarily Unavailable')
const LATE = elb('504 Gateway Time-out')

const logged = async (count: number) => {
  let found: { path: string | undefined; status: number; targetStatus: number | undefined }[] = []
  await expect
    .poll(async () => {
      const recent = (await world.balancer().recentRequests(ID)) ?? []
      found = recent.map(({ path, status, targetStatus }) => ({ path, status, targetStatus }))
      return found.length
    }, PATIENCE)
    .toBe(count)
  return found
}

it(
  '502 where the target refuses, breaks off or talks rubbish; 503 where there is none',
  { timeout: 120_000 },
  async () => {
    const well = await seemsWell()
    const resets = await target((socket) => socket.resetAndDestroy())
    const leaves = await target((socket) => socket.end())
    const rubbish = await target((socket) => socket.end('what do you want?\r\n\r\n'))
    const half = await target((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-'))
    const busy = await target((socket) => socket.end('HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy'))
    await served([
      group('refused', [nobody()], well),
      group('resets', [resets], well),
      group('leaves', [leaves], well),
      group('rubbish', [rubbish], well),
      group('half', [half], well),
      group('busy', [busy], well),
      group('none', []),
    ])
    const before = (await world.balancer().counters(ID))!
    expect(await answerOf('refused')).toEqual(BAD)
    expect(await answerOf('refused', 'POST')).toEqual(BAD)
    for (const id of ['resets', 'leaves', 'rubbish', 'half']) {
      expect([id, await answerOf(id, 'POST')]).toEqual([id, BAD])
      expect([id, await answerOf(id)]).toEqual([id, BAD])
    }
    expect(await answerOf('none')).toEqual(NONE)
    expect(await answerOf('busy')).toEqual({ status: 'HTTP/1.1 503 Busy', server: undefined, body: 'busy' })

    const all = await logged(12)
    expect(all.slice(0, 11).map(({ status, targetStatus }) => [status, targetStatus])).toEqual([
      ...Array.from({ length: 10 }, () => [502, undefined]),
      [503, undefined],
    ])
    expect(all.at(-1)).toMatchObject({ status: 503, targetStatus: 503 })
    await expect
      .poll(async () => {
        const now = (await world.balancer().counters(ID))!
        const { refused, none, busy } = now.groups
        return {
          answers: now.doors[0]!.answers - before.doors[0]!.answers,
          errors: [refused, none, busy].map((one) => one?.connectionErrors),
        }
      }, PATIENCE)
      .toEqual({ answers: 12, errors: [2, 1, 0] })
  },
)

it('502 also where no target is healthy; 503 where the last one leaves', { timeout: 120_000 }, async () => {
  const gone = nobody()
  const rules = [when(forward(['tg', 1]))]
  const plan = (only: GroupPlan) => balancerPlan(world, [only], [listener(rules)])
  await world.apply(plan(group('tg', [gone])), 0)
  await expect.poll(() => answerOf(''), PATIENCE).toEqual(BAD)
  await world.apply(plan(draining('tg', [gone])), 0)
  expect(await answerOf('')).toEqual(NONE)
})

it('504 where the target takes no connection or gives no answer in time', { timeout: 120_000 }, async () => {
  const hangs = await target(() => {})
  const well = await seemsWell()
  await served([group('hangs', [hangs], well), group('silent', [silence()], well)], 2)
  expect(await Promise.all([answerOf('hangs'), answerOf('hangs', 'POST'), answerOf('silent')])).toEqual([
    LATE,
    LATE,
    LATE,
  ])
  expect((await logged(3)).map(({ status, targetStatus }) => [status, targetStatus])).toEqual(
    Array.from({ length: 3 }, () => [504, undefined]),
  )
})

it('504 where a target is unhealthy because it is silent', { timeout: 120_000 }, async () => {
  const rules = [when(forward(['tg', 1]))]
  await world.apply(balancerPlan(world, [group('tg', [silence()])], [listener(rules)]), 0)
  await expect.poll(async () => (await world.balancer().targets(ID))?.[0]?.health, PATIENCE).toBe('unhealthy')
  await expect.poll(() => answerOf(''), PATIENCE).toEqual(LATE)
})
