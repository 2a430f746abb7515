// HAProxy keeps the contract of a load balancer with real requests, real targets and real kills.

import { ADDRESS, BalancerWorld } from '#test/balancer/world.ts'
import { datagramConformance } from './datagrams/conformance.ts'
import { balancerConformance } from './conformance.ts'
import type { BalancerHarness } from './conformance-world.ts'

const open = async (): Promise<BalancerHarness> => {
  const world = await BalancerWorld.open()
  return {
    balancer: () => world.balancer(),
    restart: () => world.restart(),
    doors: world.doors,
    hostAddresses: world.hostAddresses,
    target: (how) => world.target(how),
    send: (_, request) => world.send(request),
    datagram: async (_, port, client) => (await (await world.clientNamed(client)).ask(ADDRESS, port))?.name,
    kill: () => world.kill(),
    close: () => world.close(),
  }
}

balancerConformance('HAProxy', open)
datagramConformance('the kernel', open)
