// Alarms as a scenario sets them: one feeding for everybody who watches.

import type { AlarmReading, Alarms } from '#controllers/service/seams.ts'

export class SettableAlarms implements Alarms {
  readonly #readings = new Map<string, AlarmReading>()
  readonly #listeners = new Set<() => void>()

  set(name: string, isInAlarm: boolean, noticesAfterSeconds: number): void {
    this.#readings.set(name, { isInAlarm, noticesAfterSeconds })
    for (const changed of this.#listeners) changed()
  }

  state(_: unknown, name: string): AlarmReading | undefined {
    return this.#readings.get(name)
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
