// A log store that forgets when the process ends: for tests and simulations.

import type {
  AppendOptions,
  LogEvent,
  LogStore,
  ReadOptions,
  StoredEvent,
  StreamFacts,
  StreamId,
} from '../log-store.ts'
import { comparePlaces, isWanted, limited, sizeOf } from '../order.ts'

interface Stream {
  /** Sorted by place. */
  events: StoredEvent[]
  nextSequence: number
  lastIngestionTime?: number
  readonly positions: Map<string, number>
}

const keyOf = (id: StreamId): string => JSON.stringify([id.account, id.region, id.group, id.stream])

export const memoryLogStore = (): LogStore => {
  const streams = new Map<string, Stream>()

  const append = async (id: StreamId, events: readonly LogEvent[], options: AppendOptions): Promise<void> => {
    const key = keyOf(id)
    const stream = streams.get(key) ?? { events: [], nextSequence: 1, positions: new Map<string, number>() }
    streams.set(key, stream)
    const { source, marks = {}, ingestionTime } = options
    if (source !== undefined) {
      if ((stream.positions.get(source.name) ?? -1) >= source.position) return
      stream.positions.set(source.name, source.position)
    }
    for (const [name, position] of Object.entries(marks)) stream.positions.set(name, position)
    if (events.length === 0) return
    const stored = events.map(({ timestamp, message }, at) => ({
      timestamp,
      message: message.toWellFormed(),
      sequence: stream.nextSequence + at,
      ingestionTime,
    }))
    stream.nextSequence += events.length
    stream.events = [...stream.events, ...stored].toSorted(comparePlaces)
    stream.lastIngestionTime = ingestionTime
  }

  const read = async (id: StreamId, options: ReadOptions): Promise<StoredEvent[]> =>
    limited(
      (streams.get(keyOf(id))?.events ?? []).filter((event) => isWanted(event, options)),
      options,
    )

  const facts = async (id: StreamId): Promise<StreamFacts> => {
    const stream = streams.get(keyOf(id))
    const [first, last] = [stream?.events[0], stream?.events.at(-1)]
    return {
      ...(first === undefined ? {} : { firstEventTimestamp: first.timestamp }),
      ...(last === undefined ? {} : { lastEventTimestamp: last.timestamp }),
      ...(stream?.lastIngestionTime === undefined ? {} : { lastIngestionTime: stream.lastIngestionTime }),
      storedBytes: stream?.events.reduce((sum, event) => sum + sizeOf(event), 0) ?? 0,
      eventCount: stream?.events.length ?? 0,
    }
  }

  return {
    append,
    read,
    facts,
    position: async (id, source) => streams.get(keyOf(id))?.positions.get(source),
    groupBytes: async ({ account, region, group }) =>
      [...streams]
        .filter(([key]) => key.startsWith(JSON.stringify([account, region, group]).slice(0, -1) + ','))
        .flatMap(([, stream]) => stream.events)
        .reduce((sum, event) => sum + sizeOf(event), 0),
    deleteStream: async (id) => void streams.delete(keyOf(id)),
    expire: async (id, before) => {
      const stream = streams.get(keyOf(id))
      if (stream !== undefined) stream.events = stream.events.filter((event) => event.timestamp >= before)
    },
    close: async () => {},
  }
}
