// HAProxy's statistics: one row for each listener, group and target. https://docs.haproxy.org/2.6/management.html#9.1

import { PROBATION_FALL } from '../limits.ts'
import type { BalancerCounters, GroupCounters, HealthFailure, TargetObservation } from '../balancer.ts'

export type Row = Readonly<Record<string, string>>

/** What is read of the hundred columns there are. */
const COLUMNS = new Set(
  (
    'pxname svname status addr throttle scur check_status check_code check_rise check_fall check_health ' +
    'req_tot stot econ eresp rtime conn_tot bin bout hrsp_2xx hrsp_3xx hrsp_4xx hrsp_5xx'
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

/** HAProxy counts among a group's answers those that it gave itself: where no target was reached, or none answered well. */
const ownFailures = (backends: readonly Row[]): number => sum(backends, 'econ') + sum(backends, 'eresp')

/** Of both of a group's backends. */
const groupCounters = (both: readonly Row[]): GroupCounters => {
  const requests = sum(both, 'req_tot') || sum(both, 'stot')
  const time = both.reduce((total, row) => total + number(row, 'rtime') * number(row, 'req_tot'), 0)
  return {
    requests,
    responses: {
      '2': sum(both, 'hrsp_2xx'),
      '3': sum(both, 'hrsp_3xx'),
      '4': sum(both, 'hrsp_4xx'),
      '5': Math.max(0, sum(both, 'hrsp_5xx') - ownFailures(both)),
    },
    connectionErrors: sum(both, 'econ'),
    meanResponseTime: requests === 0 ? 0 : Math.round(time / requests),
  }
}

/** The command whose answer `countersOf` reads: without one row for each target. */
export const SHOW_COUNTERS = 'show stat -1 3 -1'

export const countersOf = (all: readonly Row[], epoch: number): BalancerCounters => {
  const frontends = all.filter(({ svname }) => svname === 'FRONTEND')
  const backends = all.filter(({ pxname = '', svname }) => svname === 'BACKEND' && GROUP.test(pxname))
  const groups = Map.groupBy(backends, ({ pxname = '' }) => pxname.slice(2))
  const counted = [...groups].map(([id, both]) => [id, groupCounters(both)] as const)
  const own = (digit: '3' | '4' | '5'): number => {
    const answered = counted.reduce((total, [, { responses }]) => total + responses[digit], 0)
    return Math.max(0, sum(frontends, `hrsp_${digit}xx`) - answered)
  }
  return {
    epoch,
    groups: Object.fromEntries(counted),
    activeConnections: sum(frontends, 'scur'),
    newConnections: sum(frontends, 'conn_tot'),
    receivedBytes: sum(frontends, 'bin'),
    sentBytes: sum(frontends, 'bout'),
    requests: sum(frontends, 'req_tot'),
    ownResponses: { '3': own('3'), '4': own('4'), '5': own('5') },
  }
}
