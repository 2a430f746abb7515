// HAProxy's statistics: one row for each listener, group and target. https://docs.haproxy.org/2.6/management.html#9.1

import type { BalancerCounters, GroupCounters, HealthFailure, TargetObservation } from '../balancer.ts'

export type Row = Readonly<Record<string, string>>

/** The answer to "show stat", by the names of its first line. */
export const rows = (text: string): Row[] => {
  const [head = '', ...lines] = text.split('\n')
  const names = head.replace(/^# /, '').split(',')
  return lines
    .filter((line) => line !== '')
    .map((line) => Object.fromEntries(line.split(',').map((value, index) => [names[index] ?? '', value])))
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

/** Undefined for rows that are no targets. */
export const targetOf = (row: Row): TargetObservation | undefined => {
  const [group, server] = [row['pxname'] ?? '', row['svname'] ?? '']
  const at = row['addr'] ?? ''
  if (!group.startsWith('g-') || server === 'BACKEND' || at === '') return undefined
  const colon = at.lastIndexOf(':')
  const isHealthy = number(row, 'check_health') >= number(row, 'check_rise')
  const hasFailed = isChecked(row) && !/OK|CND/.test(row['check_status'] ?? '')
  return {
    groupId: group.slice(2),
    address: at.slice(0, colon).replaceAll(/[[\]]/g, ''),
    port: Number(at.slice(colon + 1)),
    health: isChecked(row) ? (isHealthy ? 'healthy' : 'unhealthy') : 'unknown',
    ...(hasFailed ? { failure: failureOf(row) } : {}),
    sessions: number(row, 'scur'),
  }
}

export const targetsOf = (all: readonly Row[]): TargetObservation[] => all.flatMap((row) => targetOf(row) ?? [])

const groupCounters = (row: Row): GroupCounters => ({
  requests: number(row, 'req_tot') || number(row, 'stot'),
  responses: {
    '2': number(row, 'hrsp_2xx'),
    '3': number(row, 'hrsp_3xx'),
    '4': number(row, 'hrsp_4xx'),
    '5': number(row, 'hrsp_5xx'),
  },
  connectionErrors: number(row, 'econ'),
  meanResponseTime: number(row, 'rtime'),
})

export const countersOf = (all: readonly Row[]): BalancerCounters => {
  const frontends = all.filter(({ svname }) => svname === 'FRONTEND')
  const backends = all.filter(({ pxname = '', svname }) => svname === 'BACKEND' && pxname.startsWith('g-'))
  const sum = (of: readonly Row[], name: string): number => of.reduce((total, row) => total + number(row, name), 0)
  const own = (digit: '3' | '4' | '5'): number =>
    Math.max(0, sum(frontends, `hrsp_${digit}xx`) - sum(backends, `hrsp_${digit}xx`))
  return {
    groups: Object.fromEntries(backends.map((row) => [(row['pxname'] ?? '').slice(2), groupCounters(row)])),
    activeConnections: sum(frontends, 'scur'),
    newConnections: sum(frontends, 'conn_tot'),
    receivedBytes: sum(frontends, 'bin'),
    sentBytes: sum(frontends, 'bout'),
    requests: sum(frontends, 'req_tot'),
    ownResponses: { '3': own('3'), '4': own('4'), '5': own('5') },
  }
}
