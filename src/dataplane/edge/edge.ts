// The edge's state, and what a change does to it. One VPC that fails takes no other down.

import type { EdgeChange, EdgeInterface, EdgeState, EdgeVpc } from './contract.ts'
import { VpcServices, type VpcServicesOptions } from './vpc-services.ts'

export class Edge {
  readonly #options: VpcServicesOptions
  readonly #vpcs = new Map<string, VpcServices>()

  constructor(options: VpcServicesOptions) {
    this.#options = options
  }

  /** Makes it so; throws what went wrong after all that could be done is done. */
  apply(change: Exclude<EdgeChange, { do: 'shut-down' | 'set-front' | 'set-relays' }>): void {
    switch (change.do) {
      case 'merge':
        return this.#merge(change.state)
      case 'replace-all':
        return this.#replaceAll(change.state)
      case 'set-vpc':
        return this.#setVpc(change.vpc)
      case 'remove-vpc':
        return this.#removeVpc(change.id)
      case 'set-interface':
        return this.#setInterface(change.interface)
      case 'remove-interface':
        return this.#vpcs.get(change.vpcId)?.removeDocument(change.privateIp)
    }
  }

  close(): void {
    for (const id of this.#vpcs.keys()) this.#removeVpc(id)
  }

  #replaceAll(state: EdgeState): void {
    const addresses = new Map(state.vpcs.map(({ id }) => [id, new Set<string>()]))
    for (const { vpcId, privateIp } of state.interfaces) addresses.get(vpcId)?.add(privateIp)
    for (const [id, services] of this.#vpcs) {
      const kept = addresses.get(id)
      if (kept === undefined) this.#removeVpc(id)
      else services.keepDocuments(kept)
    }
    this.#merge(state)
  }

  #merge(state: EdgeState): void {
    const failures: unknown[] = []
    for (const vpc of state.vpcs) {
      try {
        this.#setVpc(vpc)
      } catch (error) {
        failures.push(error)
      }
    }
    for (const each of state.interfaces) this.#setInterface(each)
    if (failures.length > 0) throw new Error(failures.map(String).join('; '))
  }

  #setVpc(vpc: EdgeVpc): void {
    const services = this.#vpcs.get(vpc.id) ?? new VpcServices(this.#options)
    this.#vpcs.set(vpc.id, services)
    services.set(vpc)
  }

  #removeVpc(id: string): void {
    this.#vpcs.get(id)?.close()
    this.#vpcs.delete(id)
  }

  /** Of an unknown VPC it is kept until that is told, in whatever order things are. */
  #setInterface({ vpcId, privateIp, metadata }: EdgeInterface): void {
    const services = this.#vpcs.get(vpcId) ?? new VpcServices(this.#options)
    this.#vpcs.set(vpcId, services)
    services.setDocument(privateIp, metadata)
  }
}
