// The fake network keeps the contract of the real one.

import { networkConformance } from '../conformance.ts'
import { FakeFlowCounter } from './fake-flow-counter.ts'
import { FakeNetwork, type FakeWorld } from './fake-network.ts'

networkConformance('fake', async (options) => {
  const world: FakeWorld = { vpcs: new Map(), interfaces: new Map(), flows: new FakeFlowCounter() }
  let network = new FakeNetwork(options, world)
  return {
    get network() {
      return network
    },
    reaches: async (probe) => network.reaches(probe),
    restart: () => {
      network = new FakeNetwork(options, world)
    },
    close: () => network.destroy(),
  }
})
