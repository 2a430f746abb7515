// What the balancer benchmark runs in: our HAProxy, two with configurations that somebody has written by hand, 500 targets
// at the other end of their link, and a load generator.

import { closeSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '#base/clock.ts'
import type { BalancerPlan, GroupPlan, RulePlan, TargetPlan } from '#dataplane/balancer/balancer.ts'
import { inside, openNamespace } from '#linux/network-namespace.ts'
import { type SpawnedProcess, spawnProcess } from '#linux/spawn.ts'
import type { Protocol } from '#test/asking-clients.ts'
import { balancerPlan, forward, group, listener, when } from '#test/balancer/plans.ts'
import { ADDRESS, type BalancerWorld, TARGETS } from '#test/balancer/world.ts'

export const GROUPS = 50
export const TARGETS_PER_GROUP = 10
const FIRST_PORT = 10_000
const HAPROXY = '/usr/sbin/haproxy'
const H2LOAD = '/usr/bin/h2load'
export const TLS_PORT = 8443

export interface Bare {
  readonly name: string
  readonly port: number
  readonly tlsPort: number
  /** Lines for the frontend, for each backend, and beside them. */
  readonly frontend: readonly string[]
  readonly backend: readonly string[]
  readonly beside: readonly string[]
}

/** The same groups, rules, health checks and headers, and nothing else. */
export const PLAIN: Bare = { name: 'plain', port: 9080, tlsPort: 9443, frontend: [], backend: [], beside: [] }

/** It also sends again what a dying target has not answered, and writes each request down. */
export const EQUIVALENT: Bare = {
  name: 'equivalent',
  port: 9081,
  tlsPort: 9444,
  frontend: ['  option httplog', '  log ring@requests local0'],
  backend: [
    '  retry-on conn-failure empty-response',
    '  option redispatch 1',
    '  http-request disable-l7-retry unless { method GET HEAD OPTIONS TRACE PUT DELETE }',
  ],
  beside: ['ring requests', '  format raw', '  maxlen 65535', '  size 2097152'],
}

export const portOf = (index: number): number => FIRST_PORT + index

const target = (index: number): TargetPlan => ({ address: TARGETS, port: portOf(index), isDraining: false })

const CHECK = {
  protocol: 'HTTP',
  path: '/health',
  matcher: '200',
  intervalSeconds: 5,
  timeoutSeconds: 2,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
} as const

export const groupOf = (index: number, targets = Array.from({ length: TARGETS_PER_GROUP }, (_, n) => n)): GroupPlan =>
  group(`tg-${index}`, [], {
    healthCheck: CHECK,
    targets: targets.map((n) => target(index * TARGETS_PER_GROUP + n)),
  })

/** One rule for each group but the last, which everything else goes to. */
export const rules = (extra: readonly RulePlan[] = []): RulePlan[] => [
  ...extra,
  ...Array.from({ length: GROUPS - 1 }, (_, index) =>
    when(forward([`tg-${index}`, 1]), { on: 'path', patterns: [`/g${index}/*`] }),
  ),
  when(forward([`tg-${GROUPS - 1}`, 1])),
]

export const allGroups = (): GroupPlan[] => Array.from({ length: GROUPS }, (_, index) => groupOf(index))

export const planOf = (
  world: BalancerWorld,
  groups: readonly GroupPlan[],
  all: readonly RulePlan[],
  pem: string,
): BalancerPlan =>
  balancerPlan(
    world,
    groups,
    [
      listener(all),
      listener(all, { id: 'secure', port: TLS_PORT, protocol: 'HTTPS', certificates: [{ id: 'bench', pem }] }),
    ],
    // As they are unless something else is asked for.
    { connectionSeconds: 3600, keepsAccessLog: false },
  )

const DEFAULTS = [
  'defaults',
  '  mode http',
  '  timeout client 60s',
  '  timeout server 60s',
  '  timeout connect 10s',
  '  timeout http-request 10s',
]

/** Answers on each port with that port. */
const targetsConfiguration = (count: number): string =>
  [
    'global',
    '  maxconn 8000',
    '  nbthread 1',
    ...DEFAULTS,
    'frontend targets',
    `  bind ${TARGETS}:${FIRST_PORT}-${FIRST_PORT + count - 1}`,
    '  http-request return status 200 content-type text/plain lf-string %[dst_port] hdr Date %[date,http_date]',
    '',
  ].join('\n')

const bareConfiguration = (bare: Bare, certificateFile: string): string =>
  [
    'global',
    '  maxconn 8000',
    '  nbthread 2',
    ...DEFAULTS,
    ...bare.beside,
    'frontend web',
    `  bind ${ADDRESS}:${bare.port}`,
    `  bind ${ADDRESS}:${bare.tlsPort} ssl crt ${certificateFile} alpn h2,http/1.1`,
    ...bare.frontend,
    '  option forwardfor',
    '  http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]',
    '  http-request set-header X-Forwarded-Port %[dst_port]',
    '  http-request set-header X-Amzn-Trace-Id Root=1-%[date,hex,bytes(8,8),lower]-%[uuid,regsub(-,,g),bytes(0,24)]',
    ...Array.from({ length: GROUPS - 1 }, (_, index) => `  use_backend tg-${index} if { path_beg /g${index}/ }`),
    `  default_backend tg-${GROUPS - 1}`,
    ...allGroups().flatMap(({ id, targets }) => [
      `backend ${id}`,
      '  balance roundrobin',
      '  option httpchk GET /health',
      ...bare.backend,
      ...targets.map(
        ({ address, port }) =>
          `  server t${port} ${address}:${port} check inter ${CHECK.intervalSeconds}s fall 2 rise 2`,
      ),
    ]),
    '',
  ].join('\n')

const spawnInside = (namespacePath: string, program: string, args: readonly string[]): SpawnedProcess => {
  const namespace = openNamespace(namespacePath)
  try {
    return spawnProcess(program, args, { within: (work) => inside(namespace, work), outputLimitBytes: 64 * 1024 })
  } finally {
    closeSync(namespace)
  }
}

const started = async (world: BalancerWorld, where: string, name: string, text: string): Promise<SpawnedProcess> => {
  const folder = join(world.folder, 'bench')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, name)
  writeFileSync(file, text)
  const child = spawnInside(where, HAPROXY, ['-db', '-f', file])
  await systemClock.sleep(1)
  return child
}

export const startTargets = (world: BalancerWorld, count: number): Promise<SpawnedProcess> =>
  started(world, world.outsidePath, 'targets.cfg', targetsConfiguration(count))

/** One target in a process of its own, that can be killed. */
export const startTarget = (world: BalancerWorld, port: number): Promise<SpawnedProcess> =>
  started(
    world,
    world.outsidePath,
    `target-${port}.cfg`,
    targetsConfiguration(1).replace(`${FIRST_PORT}-${FIRST_PORT}`, `${port}`),
  )

export const startBare = (world: BalancerWorld, bare: Bare, pem: string): Promise<SpawnedProcess> => {
  const file = join(world.folder, 'bare.pem')
  writeFileSync(file, pem, { mode: 0o600 })
  return started(world, world.namespacePath, `${bare.name}.cfg`, bareConfiguration(bare, file))
}

export interface Load {
  readonly requestsPerSecond: number
  readonly failed: number
  /** Milliseconds of each request. */
  readonly times: readonly number[]
}

const PATH = '/g25/x'

/** Asks on that many kept connections, so long. */
export const load = async (
  world: BalancerWorld,
  protocol: Protocol,
  port: number,
  milliseconds: number,
  connections: number,
): Promise<Load> => {
  const log = join(world.folder, 'bench', 'requests')
  rmSync(log, { force: true })
  const url = `${protocol === 'HTTP/2' ? 'https' : 'http'}://${ADDRESS}:${port}${PATH}`
  const words = [`-c${connections}`, '-m1', '-t1', `-D${milliseconds}ms`, `--log-file=${log}`, url]
  const child = spawnInside(world.namespacePath, H2LOAD, protocol === 'HTTP/1.1' ? ['--h1', ...words] : words)
  await child.exited
  // When it began, its status, and microseconds, one on each line.
  const lines = readFileSync(log, 'utf8')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [line.split('\t')]))
  if (lines.length === 0) throw new Error(`h2load: ${child.output()}`)
  return {
    requestsPerSecond: Number(/([\d.]+) req\/s/.exec(child.output())?.[1]),
    failed: lines.filter(([, status]) => status !== '200').length,
    times: lines.map(([, , microseconds]) => Number(microseconds) / 1000),
  }
}
