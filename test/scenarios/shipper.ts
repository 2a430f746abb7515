// A log shipper for scenarios: keeps the contract, and stores nothing.

import { Fault } from '#base/fault.ts'
import type { LogShipper, Shipment } from '#controllers/log-shipper/shipment.ts'

export class QuietShipper implements LogShipper {
  readonly shipped = new Map<string, Shipment>()
  #held: Promise<void> | undefined
  #release: () => void = () => {}

  ship(shipment: Shipment): void {
    this.shipped.set(shipment.containerId, shipment)
  }

  async flush(containerId: string): Promise<void> {
    if (!this.shipped.has(containerId)) throw new Fault('not-found', `${containerId} is not shipped`)
    await this.#held
  }

  forget(containerId: string): void {
    this.shipped.delete(containerId)
  }

  async run(): Promise<void> {}

  /** The log store refuses from now on, until `release`. */
  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#release = resolve
    })
  }

  release(): void {
    this.#release()
    this.#held = undefined
  }
}
