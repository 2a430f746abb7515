// HAProxy's statistics: one row for each listener, group and target. https://docs.haproxy.org/2.6/management.html#9.1

import { PROBATION_FALL } from '../limits.ts'
import type { BalancerCounters, GroupCounters, HealthFailure, TargetObservation } from '../balancer.ts'
import { doorOf } from './quoting.ts'

export type Row = Readonly<Record<string, string>>

/** What is read of the hundred columns there are. */
const COLUMNS = new Set(
  (
    'pxname svname status addr throttle scur check_status check_code check_rise check_fall check_health ' +
    'req_tot stot econ conn_tot connect cli_abrt srv_abrt bin bout ssl_failed_handshake ' +
    'hrsp_1xx hrsp_2xx hrsp_3xx hrsp_4xx hrsp_5xx hrsp_other'
  ).split(' '),
)

/** Answers to "show stat", one after another, by the names of their first lines. */
export const rows = (text: string): Row[] => {
  let wanted: (readonly [number, string])[] = []
  const found: Row[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('# ')) {
      const names = line.slice(2).split(',')
      wanted = names.flatMap((name, index) => (COLUMNS.has(name) ? [[index, name] as const] : []))
    } else if (line !== '') {
      const values = line.split(',')
      found.push(Object.fromEntries(wanted.map(([index, name]) => [name, values[index] ?? ''])))
    }
  }
  return found
}

const number = (row: Row, name: string): number => Number(row[name] ?? 0) || 0

const failureOf = (row: Row): HealthFailure => {
  const status = (row['check_status'] ?? '').replace(/^\* /, '')
  if (status.endsWith('TOUT')) return { why: 'timeout' }
  if (status === 'L7STS') return { why: 'mismatch', code: number(row, 'check_code') }
  return status.startsWith('L4') ? { why: 'refused' } : { why: 'malformed' }
}

/** A check that is under way has a star, and the last result behind it. */
const isChecked = (row: Row): boolean => !/^(\* )?(INI|UNK|SOCKERR)?$/.test(row['check_status'] ?? '')

const GROUP = /^[go]-(.+)$/

/** Of the backend that serves when too few targets are healthy. */
export const isOpen = (row: Row): boolean => (row['pxname'] ?? '').startsWith('o-')

/** Asked, but not judged yet; a group's own checks never have this threshold. */
export const isOnProbation = (row: Row): boolean => number(row, 'check_fall') === PROBATION_FALL

export type Verdict = Pick<TargetObservation, 'health' | 'failure'>

/** What the last health check has found. */
export const verdictOf = (row: Row): Verdict => {
  if (!isChecked(row)) return { health: 'unknown' }
  const isHealthy = number(row, 'check_health') >= number(row, 'check_rise')
  const hasFailed = !/OK|CND/.test(row['check_status'] ?? '')
  return { health: isHealthy ? 'healthy' : 'unhealthy', ...(hasFailed ? { failure: failureOf(row) } : {}) }
}

/** Undefined for rows that are no targets. */
export const targetOf = (row: Row): TargetObservation | undefined => {
  const [group, server] = [row['pxname'] ?? '', row['svname'] ?? '']
  const at = row['addr'] ?? ''
  const [, groupId] = GROUP.exec(group) ?? []
  if (groupId === undefined || server === 'BACKEND' || at === '') return undefined
  const colon = at.lastIndexOf(':')
  return {
    groupId,
    address: at.slice(0, colon).replaceAll(/[[\]]/g, ''),
    port: Number(at.slice(colon + 1)),
    ...(isOnProbation(row) ? { health: 'unknown' } : verdictOf(row)),
    sessions: number(row, 'scur'),
  }
}

/** Only what has been judged is let in, so before its own first check it is what HAProxy was told. */
export const asLetIn = (row: Row): Verdict | undefined => {
  const [, status] = /^(UP|DOWN)/.exec(row['status'] ?? '') ?? []
  return status === undefined || isOnProbation(row) ? undefined : { health: status === 'UP' ? 'healthy' : 'unhealthy' }
}

/** What `remembered` adds is known of the target of that "backend/server". */
export const targetsOf = (
  all: readonly Row[],
  remembered: (seen: TargetObservation, name: string) => TargetObservation | undefined,
): TargetObservation[] => {
  const open = new Map(all.filter(isOpen).map((row) => [`${row['pxname']?.slice(2)}/${row['svname']}`, row]))
  return all.flatMap((row) => {
    const seen = targetOf(row)
    if (seen === undefined || isOpen(row)) return []
    const twin = open.get(`${seen.groupId}/${row['svname']}`) ?? {}
    const sessions = seen.sessions + number(twin, 'scur')
    const known = remembered({ ...seen, sessions }, `${row['pxname']}/${row['svname']}`)
    if (known === undefined) return []
    return known.health === 'unknown' ? { ...known, ...asLetIn(row) } : known
  })
}

const sum = (of: readonly Row[], name: string): number => of.reduce((total, row) => total + number(row, name), 0)

const ANSWERS = ['hrsp_1xx', 'hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx', 'hrsp_5xx', 'hrsp_other']

/** Of both of a group's backends. */
const groupCounters = (both: readonly Row[]): GroupCounters => {
  const open = both.filter(isOpen)
  const total = (of: readonly Row[]): number => sum(of, 'req_tot') || sum(of, 'stot')
  return {
    requests: total(both),
    activeConnections: sum(both, 'scur'),
    newConnections: sum(both, 'connect'),
    connectionErrors: sum(both, 'econ'),
    // Among those of the other are its health checks.
    failedHandshakes: sum(open, 'ssl_failed_handshake'),
    failedOpen: total(open),
    clientAborts: sum(both, 'cli_abrt'),
    targetAborts: sum(both, 'srv_abrt'),
  }
}

/** The command whose answer `countersOf` reads: without one row for each target. */
export const SHOW_COUNTERS = 'show info;show stat -1 3 -1'

const STATISTICS = '# pxname'

export const countersOf = (answer: string): BalancerCounters => {
  const all = rows(answer.slice(answer.indexOf(STATISTICS)))
  const said = (name: string): string => new RegExp(`^${name}: (\\d+)$`, 'm').exec(answer)?.[1] ?? '0'
  const backends = all.filter(({ pxname = '', svname }) => svname === 'BACKEND' && GROUP.test(pxname))
  return {
    epoch: `${said('Pid')}-${said('Start_time_sec')}`,
    since: Number(said('Start_time_sec')),
    doors: all.flatMap((row) => {
      const of = row['svname'] === 'FRONTEND' ? doorOf(row['pxname'] ?? '') : undefined
      if (of === undefined) return []
      return {
        ...of,
        activeConnections: number(row, 'scur'),
        newConnections: number(row, 'conn_tot'),
        receivedBytes: number(row, 'bin'),
        sentBytes: number(row, 'bout'),
        answers: ANSWERS.reduce((total, name) => total + number(row, name), 0),
        failedHandshakes: number(row, 'ssl_failed_handshake'),
      }
    }),
    groups: Object.fromEntries(
      [...Map.groupBy(backends, ({ pxname = '' }) => pxname.slice(2))].map(([id, both]) => [id, groupCounters(both)]),
    ),
  }
}
