// The fake balancer keeps the contract of the real one.

import { datagramConformance } from '../datagrams/conformance.ts'
import { balancerConformance } from '../conformance.ts'
import type { BalancerHarness, Behaviour } from '../conformance-world.ts'
import { FakeBalancer, type FakeTarget, fakeWorld } from './fake-balancer.ts'

const BEHAVIOURS: Readonly<Record<Behaviour, FakeTarget>> = {
  well: { health: 'healthy' },
  wrongly: { health: 'unhealthy', failure: { why: 'mismatch', code: 500 } },
  never: { health: 'unhealthy', failure: { why: 'timeout' } },
  refuses: { health: 'unhealthy', failure: { why: 'refused' } },
}

const open = async (): Promise<BalancerHarness> => {
  const world = fakeWorld()
  let balancer = new FakeBalancer(world)
  let ports = 8000
  return {
    balancer: () => balancer,
    restart: () => {
      balancer = new FakeBalancer(world)
    },
    doors: [{ namespacePath: '/run/fake', address: '10.9.0.5' }],
    hostAddresses: ['127.77.0.1'],
    target: async (how) => {
      const [address, port] = ['10.9.0.11', ports++]
      const behave = async (next: Behaviour) => balancer.script(`${address}:${port}`, BEHAVIOURS[next])
      await behave(how)
      return { address, port, behave }
    },
    send: (id, request) => balancer.answer(id, request),
    datagram: (id, port, client) => balancer.datagram(id, port, client),
    kill: async (id) => balancer.kill(id),
    close: async () => balancer.close(),
  }
}

balancerConformance('fake', open)
datagramConformance('fake', open)
