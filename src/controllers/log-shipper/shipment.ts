// What the log shipper is asked: bring one container's output file into one log stream. The only file others import.

import type { StreamId } from '#telemetry/logs/log-store.ts'

export interface ShipmentOptions {
  /** awslogs-multiline-pattern: a line that matches begins a new event; others belong to the event before. */
  readonly multilinePattern?: string
  /** awslogs-datetime-format: the same, given as strftime. Not both. */
  readonly datetimeFormat?: string
}

/**
 * The awslogs options `mode` and `max-buffer-size` have nothing to say here: output goes to a file at once, so a
 * container never waits for its logs and none are dropped.
 */
export interface Shipment {
  readonly containerId: string
  /** In conmon's k8s-file format; only ever appended to, never rotated, for as long as it is shipped. */
  readonly file: string
  readonly stream: StreamId
  readonly options: ShipmentOptions
  /** The container has ended and conmon with it: what lacks its newline is complete as it is. */
  readonly finished: boolean
}

export interface LogShipper {
  /** Begins with a container, or takes note that it has finished. Where it left off is remembered across restarts. */
  ship(shipment: Shipment): void
  /**
   * Resolves when everything in the file of a finished container is stored. Rejects with Fault 'not-found' when it is
   * not shipped, or 'failed' when the shipper stops first. While the log store refuses, it waits.
   */
  flush(containerId: string): Promise<void>
  /** Lets go of the file. What was not stored by now is lost: flush first. */
  forget(containerId: string): void
  /** Ships until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}
