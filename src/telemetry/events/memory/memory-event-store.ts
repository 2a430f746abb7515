// An event store that forgets when the process ends: for tests, simulations and ephemeral instances.

import type { EventStore, NewEvent } from '../event-store.ts'

export const memoryEventStore = (): EventStore => {
  let events: (NewEvent & { readonly number: number })[] = []
  const versions = new Map<string, number>()
  let last = 0
  return {
    append: async (told) => {
      for (const event of told) {
        events.push({ ...event, number: ++last })
        const { state } = event
        if (state !== undefined && state.version > (versions.get(state.of) ?? 0)) versions.set(state.of, state.version)
      }
    },
    read: async ({ account, subject, after = 0, since = 0, limit }) =>
      events
        .filter(
          (event) =>
            event.account === account &&
            event.number > after &&
            event.at >= since &&
            (subject === undefined || event.subjects.includes(subject)),
        )
        .slice(0, limit)
        .map(({ number, at, text }) => ({ number, at, text })),
    lastNumber: async () => last,
    versions: async () => new Map(versions),
    forget: async (things) => {
      for (const thing of things) versions.delete(thing)
    },
    expire: async (before, bytes) => {
      let kept = 0
      events = events
        .filter(({ at }) => at >= before)
        .toReversed()
        .filter(({ text }) => (kept += Buffer.byteLength(text)) <= bytes)
        .toReversed()
    },
    close: async () => {},
  }
}
