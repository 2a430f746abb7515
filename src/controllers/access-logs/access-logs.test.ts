// Goal: access logs are what AWS documents, line by line and file by file, and no request is in them twice or gets lost
// when the control plane is killed. Method: entries by tables; the loop with requests that the test tells, simulated time.

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RuleRecord } from '#apis/elbv2/model/rule.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { loadBalancers } from '#apis/elbv2/tables.ts'
import { loadBalancerArn } from '#aws/arn.ts'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { seededRandom } from '#base/random.ts'
import type { LoggedConnection, LoggedRequest, RequestLog } from '#dataplane/balancer/balancer.ts'
import { memoryStore } from '#store/memory/memory-store.ts'
import type { Store } from '#store/store.ts'
import {
  activeBalancerRow,
  groupRow,
  listenerRow,
  loggedConnectionRow,
  loggedRequestRow,
  SCOPE,
} from '#test/balancer/rows.ts'
import { AccessLogController } from './controller.ts'
import { accessLogEntry, type EntryFacts } from './entry.ts'
import { PERIOD_SECONDS, REMEMBERED } from './limits.ts'
import { periodEnd, publishedPath } from './plan.ts'
import { Spool } from './spool.ts'

const LOGGING = {
  'access_logs.s3.enabled': 'true',
  'access_logs.s3.bucket': 'my-logs',
  'access_logs.s3.prefix': 'prod',
}
const balancer = (attributes: Readonly<Record<string, string>> = LOGGING) => activeBalancerRow(attributes)

const redirect = {
  spec: {
    priority: 7,
    conditions: [],
    actions: [
      {
        type: 'redirect',
        protocol: 'HTTPS',
        host: '#{host}',
        port: '443',
        path: '/#{path}',
        query: '#{query}',
        statusCode: 'HTTP_301',
      },
    ],
  },
} as unknown as RuleRecord
const facts: EntryFacts = {
  balancer: balancer(),
  listeners: new Map([[listenerRow.id, { listener: listenerRow, rules: [redirect] }]]),
  groups: new Map([[groupRow.id, groupRow]]),
  certificates: new Map([['ab12', 'arn:of:certificate']]),
}

const at = Date.UTC(2018, 6, 2, 22, 23, 0, 186)
const served: LoggedRequest = {
  ...loggedRequestRow,
  receivedAt: at - 50,
  endedAt: at,
  rule: 2,
  method: 'GET',
  version: 'HTTP/1.1',
  path: '/cart?a=1',
  host: 'www.example.com',
  agent: 'curl/7.46.0',
  trace: 'Root=1-58337262-36d228ad5d99923122bbe354',
}
const network: LoadBalancerRecord = {
  ...balancer(),
  arn: loadBalancerArn(SCOPE, 'net/web/0123456789abcdef'),
  type: 'network',
}
const fields = (change: Partial<LoggedRequest>): string[] =>
  accessLogEntry({ ...served, ...change }, facts).match(/"[^"]*"|\S+/g) ?? []

describe('an entry', () => {
  it('has the documented fields in the documented order', () => {
    expect(accessLogEntry(served, facts)).toBe(
      'http 2018-07-02T22:23:00.186000Z app/web/0123456789abcdef 192.168.131.39:2817 10.0.0.1:8080 0.001 0.048 0.000 200 200 34 366 ' +
        '"GET http://www.example.com:80/cart?a=1 HTTP/1.1" "curl/7.46.0" - - ' +
        `${groupRow.arn} "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2018-07-02T22:23:00.136000Z "forward" "-" "-" ` +
        '"10.0.0.1:8080" "200" "-" "-" TID_0123456789abcdef0123456789abcdef',
    )
  })

  it.each<[what: string, change: Partial<LoggedRequest>, field: number, value: string]>([
    ['TLS', { tlsProtocol: 'TLSv1.3' }, 0, 'https'],
    ['HTTP/2', { tlsProtocol: 'TLSv1.3', version: 'HTTP/2.0' }, 0, 'h2'],
    ['a WebSocket', { status: 101 }, 0, 'ws'],
    ['a WebSocket over TLS', { status: 101, tlsProtocol: 'TLSv1.3' }, 0, 'wss'],
    ['a redirect', { rule: 1, location: 'https://a/' }, 23, '"https://a/"'],
    ['a redirecting rule', { rule: 1 }, 20, '7'],
    ['a cipher', { cipher: 'TLS_AES_128_GCM_SHA256' }, 14, 'TLS_AES_128_GCM_SHA256'],
    ['a server name', { serverName: 'www.example.com' }, 18, '"www.example.com"'],
    ['a certificate', { certificateSha1: 'AB12' }, 19, '"arn:of:certificate"'],
    ['a port in the host', { host: 'a.test:8080' }, 12, '"GET http://a.test:80/cart?a=1 HTTP/1.1"'],
    ['a target that did not answer', { targetMilliseconds: -1 }, 6, '-1'],
    ['no connection to a target', { connectMilliseconds: -1 }, 5, '-1'],
  ])('%s', (_what, change, field, value) => {
    expect(fields(change)[field]).toBe(value)
  })

  it.each([
    ['a "b"', '"a \\x22b\\x22"'],
    ['back\\slash', '"back\\x5Cslash"'],
    ['line\r\nbreak\0', '"line\\x0D\\x0Abreak\\x00"'],
    ['\u00e4\u00ff', '"\\xE4\\xFF"'],
  ])('%j cannot be taken for anything else', (agent, written) => {
    const all = fields({ agent })
    expect(all[13]).toBe(written)
    expect(all).toHaveLength(30)
  })

  it('of what was no request, says as much as is known', () => {
    const {
      method: _m,
      version: _v,
      path: _p,
      host: _h,
      agent: _a,
      trace: _t,
      target: _g,
      groupId: _i,
      targetStatus: _s,
      ...rest
    } = served
    const all = accessLogEntry(
      { ...rest, rule: 0, status: 400, connectMilliseconds: -1, targetMilliseconds: -1 },
      facts,
    )
    expect(all).toContain(
      ' - -1 -1 -1 400 - 34 366 "- http://web-1234567890.eu-west-1.elb.amazonaws.com:80- -" "-" - - - "-" "-" "-" - ',
    )
  })
})

it('a file’s name tells account, region, load balancer, end, address', () => {
  const end = periodEnd(at / 1000)
  expect(
    publishedPath(
      balancer(),
      { kind: 'access_logs', bucket: 'my-logs', prefix: '/a/../b//./c/' },
      Math.floor(end),
      'abcd1234',
    ),
  ).toBe(
    'my-logs/a/b/c/AWSLogs/000000000001/elasticloadbalancing/eu-west-1/2018/07/02/' +
      '000000000001_elasticloadbalancing_eu-west-1_app.web.0123456789abcdef_20180702T2225Z_198.18.0.5_abcd1234.log.gz',
  )
})

describe('files', () => {
  let folder: string
  let store: Store
  /** Real, but moved by hand: what is written to a disk does not wait for simulated time. */
  let ahead: number
  let tell: ((requests: readonly LoggedRequest[]) => void)[]
  let life: AbortController
  let running: Promise<void>

  const clock = {
    now: () => new Date(systemClock.now().getTime() + ahead * 1000),
    sleep: (seconds: number, signal?: AbortSignal) => systemClock.sleep(Math.min(seconds, 0.02), signal),
  }
  let tellConnections: ((connections: readonly LoggedConnection[]) => void)[]
  const source: RequestLog = {
    recentRequests: async () => [served],
    recentConnections: async () => [loggedConnectionRow],
    followConnections: (_id, told, signal) =>
      new Promise((resolve) => {
        tellConnections.push(told)
        signal.addEventListener('abort', () => resolve(), { once: true })
      }),
    followRequests: (_id, told, signal) =>
      new Promise((resolve) => {
        tell.push(told)
        if (signal.aborted) resolve()
        signal.addEventListener('abort', () => resolve(), { once: true })
      }),
  }
  const controller = (): AccessLogController =>
    new AccessLogController({
      store,
      requests: source,
      folder,
      nameOf: () => 'app-web',
      clock,
      random: seededRandom(1),
      log: silentLog,
    })
  const start = (): void => {
    life = new AbortController()
    running = controller().run(life.signal)
  }
  const kill = async (): Promise<void> => {
    life.abort()
    await running
    tell = []
  }
  const now = (id: string): LoggedRequest => ({ ...served, id, path: `/${id}`, endedAt: clock.now().getTime() + 1000 })
  const told = async (...requests: readonly LoggedRequest[]): Promise<void> => {
    await expect.poll(() => tell.length, { timeout: 20_000 }).toBe(1)
    tell[0]?.(requests)
  }
  const names = async (): Promise<string[]> =>
    (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.gz'))
  /** The paths asked for, file by file. */
  const published = async (): Promise<string[]> =>
    Promise.all(
      (await names()).toSorted().map(async (name) => {
        const text = gunzipSync(await readFile(join(folder, name))).toString()
        return [...text.matchAll(/"GET http:\/\/www\.example\.com:80\/(\S+) /g)].map(([, one]) => one).join(' ')
      }),
    )
  const spooled = async (text: string): Promise<void> => {
    const file = join(folder, '.spool', 'app-web.log')
    await expect.poll(async () => String(await readFile(file).catch(() => '')), { timeout: 20_000 }).toContain(text)
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ng-access-logs-'))
    store = memoryStore()
    ahead = 0
    tell = []
    tellConnections = []
    await store.write((tx) => tx.put(loadBalancers, balancer()))
    start()
  })
  afterEach(async () => {
    life.abort()
    await running
    await rm(folder, { recursive: true })
  })

  it('are published for each period, for their owner only', async () => {
    await told(now('one'), now('two'))
    await spooled('/two ')
    expect(await names()).toEqual([])
    ahead += PERIOD_SECONDS
    await expect.poll(published, { timeout: 20_000 }).toEqual(['one two'])
    tell[0]?.([now('three')])
    await spooled('/three ')
    ahead += PERIOD_SECONDS
    await expect.poll(published, { timeout: 20_000 }).toEqual(expect.arrayContaining(['one two', 'three']))
    const [name = ''] = await names()
    expect(name).toMatch(/^my-logs\/prod\/AWSLogs\/000000000001\/elasticloadbalancing\/eu-west-1\/\d{4}\/\d\d\/\d\d\//)
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'my-logs'))).mode & 0o777).toBe(0o700)
  })

  it('have no request twice after the control plane was killed, and none is lost', async () => {
    await told(now('one'), now('two'))
    await spooled('/two ')
    await kill()
    start()
    await told(now('one'), now('two'), now('three'))
    await spooled('/three ')
    ahead += PERIOD_SECONDS
    await expect.poll(published, { timeout: 20_000 }).toEqual(['one two three'])
    await kill()
    start()
    await told(now('two'), now('three'), now('four'))
    await spooled('/four ')
    ahead += PERIOD_SECONDS
    await expect
      .poll(async () => (await published()).toSorted(), { timeout: 20_000 })
      .toEqual(['four', 'one two three'])
  })

  it('have nothing from before logs were wished for; and are published when they no longer are', async () => {
    await told({ ...now('early'), endedAt: clock.now().getTime() - 60_000 }, now('one'))
    await spooled('/one ')
    await store.write((tx) => tx.put(loadBalancers, balancer({})))
    await expect.poll(published, { timeout: 20_000 }).toEqual(['one'])
    await expect.poll(() => readdir(join(folder, '.spool')), { timeout: 20_000 }).toEqual([])
  })

  it('begin again where a kill cut a line', async () => {
    const file = join(folder, 'cut.log')
    const head = { since: 0, periodEnd: 300, random: 'r' }
    const first = await Spool.open(file, head)
    await first.append([{ id: 'a', endedAt: 1, entry: 'A' }])
    await writeFile(file, 'b 2 half a li', { flag: 'a' })
    const second = await Spool.open(file, head)
    expect([second.knows({ id: 'a', endedAt: 1 }), second.knows({ id: 'b', endedAt: 2 })]).toEqual([true, false])
    await second.append([{ id: 'b', endedAt: 2, entry: 'B' }])
    await second.publish(join(folder, 'cut.log.gz'), { periodEnd: 600, random: 's' })
    expect(gunzipSync(await readFile(join(folder, 'cut.log.gz'))).toString()).toBe('A\nB\n')
    expect((await Spool.open(file, head)).knows({ id: 'a', endedAt: 1 })).toBe(true)
  })

  it('remember so many requests, and take what ended before those for known', async () => {
    const spool = await Spool.open(join(folder, 'many.log'), { since: 0, periodEnd: 300, random: 'r' })
    await spool.append(
      Array.from({ length: REMEMBERED + 5 }, (_, index) => ({ id: `i${index}`, endedAt: index, entry: 'E' })),
    )
    expect(spool.knows({ id: 'i1', endedAt: 1 })).toBe(true)
    expect(spool.knows({ id: 'new', endedAt: REMEMBERED + 5 })).toBe(false)
  })

  it('of connections have one entry for each, whatever came by it', async () => {
    const attributes = { 'connection_logs.s3.enabled': 'true', 'connection_logs.s3.bucket': 'conns' }
    await store.write((tx) => tx.put(loadBalancers, balancer(attributes)))
    await expect.poll(() => tell.length, { timeout: 20_000 }).toBe(2)
    const follower = tell[1]!
    const other = { ...now('three'), connection: 'f'.repeat(32) }
    follower([now('one'), now('two'), other])
    follower([now('two'), now('four')])
    const file = join(folder, '.spool', 'app-web.connections.log')
    await expect
      .poll(async () => String(await readFile(file).catch(() => '')), { timeout: 20_000 })
      .toContain('TID_ffff')
    ahead += PERIOD_SECONDS
    const found = async () => (await names()).filter((name) => name.startsWith('conns/'))
    await expect.poll(found, { timeout: 20_000 }).toHaveLength(1)
    const [name = ''] = await found()
    expect(name).toMatch(/^conns\/AWSLogs\/.*\/conn_log\.000000000001_elasticloadbalancing_eu-west-1_app\.web\./)
    const lines = gunzipSync(await readFile(join(folder, name)))
      .toString()
      .trim()
      .split('\n')
    expect(lines.map((line) => line.split(' ').at(-1))).toEqual([`TID_${served.connection}`, `TID_${other.connection}`])
  })

  it('of a network load balancer hold its TLS connections', async () => {
    await store.write((tx) => tx.put(loadBalancers, network))
    await store.write((tx) => tx.delete(loadBalancers, balancer().arn))
    await expect.poll(() => tellConnections.length, { timeout: 20_000 }).toBe(1)
    tellConnections[0]?.([{ ...loggedConnectionRow, endedAt: clock.now().getTime() + 1000 }])
    await spooled('tls 2.0 ')
    ahead += PERIOD_SECONDS
    await expect.poll(names, { timeout: 20_000 }).toHaveLength(1)
    const [name = ''] = await names()
    expect(name).toMatch(/_net\.web\.0123456789abcdef_\d{8}T\d{4}Z_\w{8}\.log\.gz$/)
    expect(gunzipSync(await readFile(join(folder, name))).toString()).toMatch(
      /^tls 2\.0 \S+ net\/web\/\S+ g3d4b5e8bb8464cd /,
    )
    expect(await controller().recent(network)).toEqual([{ id: 'c-1', entry: expect.stringMatching(/^tls 2\.0 /) }])
  })

  it('are not needed to see the last requests', async () => {
    expect(await controller().recent(balancer({}))).toEqual([
      { id: '1-1-1', entry: expect.stringContaining('"GET http://www.example.com:80/cart?a=1 HTTP/1.1"') },
    ])
  })
})
