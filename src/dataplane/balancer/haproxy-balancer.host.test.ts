// Goal: a load balancer does what its plan says, through every change, and no client ever sees an error for it.
// Method: real HAProxy in a network namespace of the test's own, targets beside it, clients from the host's loopback.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '#base/clock.ts'
import { jsonLog } from '#base/log.ts'
import { createNamespace, inside, openNamespace, removeNamespace } from '#linux/network-namespace.ts'
import { type SpawnedProcess, spawnProcess } from '#linux/spawn.ts'
import type { ActionPlan, BalancerPlan, ConditionPlan, GroupPlan, RulePlan } from './balancer.ts'
import { HaproxyBalancer } from './haproxy-balancer.ts'

const HOST_ADDRESS = `127.77.${process.pid % 250}.1`
const ADDRESS = '10.9.0.5'
const TARGETS = '10.9.0.11'

let folder: string
let namespacePath: string
let targets: SpawnedProcess
let balancer: HaproxyBalancer

const open = (): HaproxyBalancer =>
  new HaproxyBalancer({ runDir: folder, clock: systemClock, log: jsonLog(() => systemClock.now()) })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'neargate-balancer-'))
  namespacePath = join(folder, 'netns', 'door')
  createNamespace(namespacePath, {})
  const namespace = openNamespace(namespacePath)
  const run = (...words: string[]): void => inside(namespace, () => void execFileSync('ip', words, { stdio: 'ignore' }))
  run('link', 'set', 'lo', 'up')
  run('address', 'add', `${ADDRESS}/32`, 'dev', 'lo')
  run('address', 'add', `${TARGETS}/32`, 'dev', 'lo')
  const script = join(import.meta.dirname, '../../../test/balancer/target.ts')
  const names = ['8001=a', '8002=b', '8003=c', '8004=sick']
  targets = spawnProcess(process.execPath, [script, TARGETS, ...names], { within: (work) => inside(namespace, work) })
  while (!targets.output().includes('listening')) await targets.nextOutput()
  balancer = open()
})

afterAll(async () => {
  await balancer.destroy()
  targets.kill()
  await targets.exited
  await removeNamespace(namespacePath)
  rmSync(folder, { recursive: true, force: true })
})

const group = (id: string, ports: readonly number[], more: Partial<GroupPlan> = {}): GroupPlan => ({
  id,
  protocol: 'HTTP',
  version: 'HTTP1',
  algorithm: 'round_robin',
  slowStartSeconds: 0,
  proxyProtocolV2: false,
  healthCheck: {
    protocol: 'HTTP',
    path: '/health',
    matcher: '200',
    intervalSeconds: 1,
    timeoutSeconds: 1,
    healthyThreshold: 2,
    unhealthyThreshold: 2,
  },
  targets: ports.map((port) => ({ address: TARGETS, port, isDraining: false })),
  ...more,
})

const forward = (...ids: string[]): ActionPlan => ({ do: 'forward', groups: ids.map((id) => ({ id, weight: 1 })) })

const plan = (groups: readonly GroupPlan[], rules: readonly RulePlan[], id = 'app-test'): BalancerPlan => ({
  id,
  kind: 'application',
  doors: [{ namespacePath, address: ADDRESS }],
  hostAddresses: [HOST_ADDRESS],
  listeners: [{ id: 'web', port: 8080, protocol: 'HTTP', certificates: [], rules }],
  groups,
  idleTimeoutSeconds: 60,
  dropInvalidHeaders: false,
  preserveHost: false,
})

interface Answer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}

const ask = (path = '/', options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: HOST_ADDRESS, port: 8080, path, agent: false, ...options }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end()
  })

const nameOf = (answer: Answer): string => (JSON.parse(answer.body) as { name: string }).name
const names = async (count: number, path = '/'): Promise<string[]> => {
  const found = new Set<string>()
  for (let index = 0; index < count; index++) found.add(nameOf(await ask(path)))
  return [...found].toSorted()
}

const healthy = async (id: string, count: number): Promise<void> => {
  for (;;) {
    const seen = (await balancer.targets(id)) ?? []
    if (seen.filter(({ health }) => health === 'healthy').length === count) {
      // One more look lets the healthy in.
      await systemClock.sleep(0.1)
      return
    }
    await systemClock.sleep(0.02)
  }
}

/** Of the HAProxy of this test. */
const processes = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(`/usr/sbin/haproxy\0-W\0-S\0${folder}`)
      } catch {
        return false
      }
    })
    .map(Number)
    .toSorted((a, b) => a - b)

const always = (action: ActionPlan): RulePlan => ({ conditions: [], action })
const when = (action: ActionPlan, ...conditions: ConditionPlan[]): RulePlan => ({ conditions, action })

describe('targets', () => {
  it('share the requests once they are healthy, and one that is not gets none', async () => {
    await balancer.apply(plan([group('tg', [8001, 8002, 8004])], [always(forward('tg'))]))
    await healthy('app-test', 2)
    expect(await names(8)).toEqual(['a', 'b'])
    const sick = (await balancer.targets('app-test'))?.find(({ port }) => port === 8004)
    expect(sick).toMatchObject({ health: 'unhealthy', failure: { why: 'mismatch', code: 502 } })
  })

  it('come and go without a new process, and a draining one finishes what it has', async () => {
    const before = await balancer.observe()
    const slow = ask('/slow')
    await systemClock.sleep(0.2)
    const draining = [8001, 8002].map((port) => ({ address: TARGETS, port, isDraining: true }))
    const fresh = { address: TARGETS, port: 8003, isDraining: false }
    await balancer.apply(plan([group('tg', [], { targets: [...draining, fresh] })], [always(forward('tg'))]))
    await healthy('app-test', 3)
    expect(await names(4)).toEqual(['c'])
    expect((await slow).status).toBe(200)
    await balancer.apply(plan([group('tg', [8003])], [always(forward('tg'))]))
    while ((await balancer.targets('app-test'))?.length !== 1) await systemClock.sleep(0.05)
    expect(await balancer.observe()).toEqual(before)
  })

  it('that refuse are told apart from those that answer wrongly', async () => {
    await balancer.apply(plan([group('tg', [8003, 8999])], [always(forward('tg'))]))
    const dead = async () => (await balancer.targets('app-test'))?.find(({ port }) => port === 8999)
    while ((await dead())?.health !== 'unhealthy') await systemClock.sleep(0.05)
    expect((await dead())?.failure).toEqual({ why: 'refused' })
    expect(await names(4)).toEqual(['c'])
  })
})

describe('rules', () => {
  const groups = [group('a', [8001]), group('b', [8002])]
  const rules = [
    when(
      { do: 'respond', status: 418, contentType: 'text/plain', body: `it's "short" and 100% $HOME\n` },
      {
        on: 'path',
        patterns: ['/teapot'],
      },
    ),
    when(forward('b'), { on: 'path', patterns: ['/img/*.p?g', '/other'] }, { on: 'method', methods: ['GET'] }),
    when(forward('b'), { on: 'host', patterns: ['*.Example.com'] }),
    when(forward('b'), { on: 'header', name: 'X-Beta', patterns: ['yes*'] }),
    when(forward('b'), { on: 'query', pairs: [{ key: 'v', value: '2' }, { value: 'beta' }] }),
    when(
      {
        do: 'redirect',
        status: 301,
        protocol: 'HTTPS',
        host: '#{host}',
        port: '443',
        path: '/new/#{path}',
        query: '#{query}',
      },
      { on: 'path', patterns: ['/old*'] },
    ),
    when(
      { do: 'respond', status: 204, contentType: 'text/plain', body: '' },
      {
        on: 'source',
        cidrs: ['198.51.100.0/24'],
      },
    ),
    always(forward('a')),
  ]

  beforeAll(async () => {
    await balancer.apply(plan(groups, rules))
    await healthy('app-test', 2)
  })

  it('are tried in their order, and the first that fits acts', async () => {
    expect(await ask('/teapot')).toMatchObject({ status: 418, body: `it's "short" and 100% $HOME\n` })
    expect(nameOf(await ask('/img/x.png'))).toBe('b')
    expect(nameOf(await ask('/img/x.png', { method: 'POST' }))).toBe('a')
    expect(nameOf(await ask('/img/x.jpeg'))).toBe('a')
    expect(nameOf(await ask('/', { headers: { host: 'www.example.com:8080' } }))).toBe('b')
    expect(nameOf(await ask('/', { headers: { 'x-beta': 'YES please' } }))).toBe('b')
    expect(nameOf(await ask('/?x=1&v=2'))).toBe('b')
    expect(nameOf(await ask('/?x=beta'))).toBe('b')
    expect(nameOf(await ask('/?v=22'))).toBe('a')
    expect(nameOf(await ask('/'))).toBe('a')
  })

  it('redirect with what the request had', async () => {
    const headers = { host: 'shop.test:8080' }
    const withQuery = await ask('/old/a?b=c', { headers })
    expect(withQuery.status).toBe(301)
    expect(withQuery.headers['location']).toBe('https://shop.test:443/new/old/a?b=c')
    expect((await ask('/old', { headers })).headers['location']).toBe('https://shop.test:443/new/old')
  })

  it('add the headers that ELB adds', async () => {
    const { headers } = JSON.parse((await ask('/', { headers: { 'x-forwarded-for': '203.0.113.9' } })).body) as {
      headers: Record<string, string>
    }
    expect(headers['x-forwarded-for']).toMatch(/^203\.0\.113\.9, 127\./)
    expect(headers['x-forwarded-proto']).toBe('http')
    expect(headers['x-forwarded-port']).toBe('8080')
    expect(headers['x-amzn-trace-id']).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/)
  })

  it('draw a group by weight, and keep a client with the one it got', async () => {
    const weighted: ActionPlan = {
      do: 'forward',
      groups: [
        { id: 'a', weight: 90 },
        { id: 'b', weight: 10 },
      ],
      stickySeconds: 60,
    }
    await balancer.apply(plan(groups, [always(weighted)]))
    const drawn = await Promise.all(Array.from({ length: 300 }, () => ask('/')))
    const share = drawn.filter((answer) => nameOf(answer) === 'b').length
    expect(share).toBeGreaterThan(5)
    expect(share).toBeLessThan(80)
    const first = drawn.find((answer) => nameOf(answer) === 'b')
    const [cookie = ''] = String(first?.headers['set-cookie']).split(';')
    for (let index = 0; index < 10; index++) expect(nameOf(await ask('/', { headers: { cookie } }))).toBe('b')
  })

  it('answers 503 in ELB’s words where no target is left', async () => {
    await balancer.apply(plan([group('none', [])], [always(forward('none'))]))
    const { status, headers, body } = await ask('/')
    expect(status).toBe(503)
    expect(headers['server']).toBe('awselb/2.0')
    expect(body).toContain('<h1>503 Service Temporarily Unavailable</h1>')
  })
})

describe('a change', () => {
  it('of rules, twenty times under load, costs no client an error', async () => {
    const groups = [group('a', [8001]), group('b', [8002])]
    await balancer.apply(plan(groups, [always(forward('a'))]))
    await healthy('app-test', 2)
    let isOver = false
    const wrong: string[] = []
    const client = async (): Promise<number> => {
      let count = 0
      for (; !isOver; count++) {
        const answer = await ask('/').catch((error: unknown) => String(error))
        if (typeof answer === 'string' || answer.status !== 200) wrong.push(JSON.stringify(answer))
      }
      return count
    }
    const clients = [client(), client(), client(), client()]
    for (let index = 0; index < 20; index++) {
      const rule = when(forward('b'), { on: 'path', patterns: [`/${index}`] })
      await balancer.apply(plan(groups, [rule, always(forward(index % 2 === 0 ? 'a' : 'b'))]))
    }
    isOver = true
    expect((await Promise.all(clients)).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(20)
    expect(wrong).toEqual([])
  }, 60_000)

  it('is not needed by whoever comes after: it goes on as it was, and a dead HAProxy is told of', async () => {
    const groups = [group('a', [8001])]
    await balancer.apply(plan(groups, [always(forward('a'))]))
    await healthy('app-test', 1)
    const pids = processes()
    balancer.close()
    balancer = open()
    expect(await balancer.observe()).toEqual(['app-test'])
    await balancer.apply(plan(groups, [always(forward('a'))]))
    expect(nameOf(await ask('/'))).toBe('a')
    expect(processes()).toEqual(pids)

    const told = new Promise<string>((resolve) => balancer.watch(resolve))
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    expect(await told).toBe('app-test')
    await balancer.apply(plan(groups, [always(forward('a'))]))
    expect(nameOf(await ask('/'))).toBe('a')
  })

  it('that HAProxy cannot take leaves it as it was', async () => {
    const broken = plan([group('a', [8001])], [always(forward('nobody'))])
    await expect(balancer.apply(broken)).rejects.toMatchObject({ kind: 'invalid' })
    expect(nameOf(await ask('/'))).toBe('a')
  })
})
