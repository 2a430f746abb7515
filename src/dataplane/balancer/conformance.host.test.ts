// HAProxy keeps the contract of a load balancer with real requests, real targets and real kills.

import { BalancerWorld } from '#test/balancer/world.ts'
import { balancerConformance } from './conformance.ts'

balancerConformance('HAProxy', async () => {
  const world = BalancerWorld.open()
  return {
    balancer: () => world.balancer(),
    restart: () => world.restart(),
    doors: world.doors,
    hostAddresses: world.hostAddresses,
    target: (how) => world.target(how),
    send: (_, request) => world.send(request),
    kill: () => world.kill(),
    close: () => world.close(),
  }
})
