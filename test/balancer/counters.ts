// What a load balancer has counted that has seen nothing yet, for tests to change.

import type { BalancerCounters, DoorCounters } from '#dataplane/balancer/balancer.ts'
import { NOTHING_COUNTED } from '#dataplane/balancer/fake/fake-balancer.ts'

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

export const groupCountersRow = NOTHING_COUNTED

export const countersRow: BalancerCounters = { epoch: 'a', since: 0, doors: [], groups: {} }
