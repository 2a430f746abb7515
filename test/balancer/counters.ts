// What a load balancer has counted that has seen nothing yet, for tests to change.

import type { BalancerCounters, DoorCounters, GroupCounters } from '#dataplane/balancer/balancer.ts'

export const doorRow: DoorCounters = {
  listenerId: 'web',
  door: 0,
  activeConnections: 0,
  newConnections: 0,
  receivedBytes: 0,
  sentBytes: 0,
  answers: 0,
  failedHandshakes: 0,
}

export const groupCountersRow: GroupCounters = {
  requests: 0,
  activeConnections: 0,
  newConnections: 0,
  connectionErrors: 0,
  failedHandshakes: 0,
  failedOpen: 0,
  clientAborts: 0,
  targetAborts: 0,
}

export const countersRow: BalancerCounters = { epoch: 'a', since: 0, doors: [], groups: {} }
