// The contract of the log store: append-only streams of events, in exact order, none lost or doubled.

/** Which stream: everything is partitioned by account and region. */
export interface StreamId {
  readonly account: string
  readonly region: string
  readonly group: string
  readonly stream: string
}

export type GroupId = Omit<StreamId, 'stream'>

export interface LogEvent {
  /** Milliseconds since 1970, as the producer said. */
  readonly timestamp: number
  readonly message: string
}

export interface StoredEvent extends LogEvent {
  /** Grows by at least one from event to event of one stream; the order of ingestion. */
  readonly sequence: number
  /** Milliseconds since 1970, when we took it. */
  readonly ingestionTime: number
}

export interface AppendOptions {
  readonly ingestionTime: number
  /**
   * Makes a retry harmless: when the stream has already taken a batch of this `source` up to `position` or beyond, the
   * batch is dropped. Written in the same transaction as the events, e.g. source "<container id>", position = byte
   * offset in the container's output file. A source has one append under way at a time: it waits for the answer, so
   * that a batch that failed is sent again before a later one. No events and a position only moves the position.
   */
  readonly source?: { readonly name: string; readonly position: number }
  /**
   * Further positions to remember in the same transaction; they hold nothing back. A file that carries two outputs has
   * one position up to which it was read, and a mark for each output from which on it must be read again.
   */
  readonly marks?: Readonly<Record<string, number>>
  /**
   * Answer as soon as the events are readable and a kill of this process cannot lose them; the disk follows a moment
   * later. For those who can send again what a power loss took: the source's position is then lost with the events.
   */
  readonly beforeSync?: boolean
}

export interface ReadOptions {
  /** Inclusive, milliseconds. */
  readonly startTime?: number
  /** Exclusive, milliseconds. */
  readonly endTime?: number
  readonly limit: number
  /** Events after (forward) or before (backward) this place; absent = from the head or the tail. */
  readonly from?: Place
  readonly direction: 'forward' | 'backward'
}

/** A place between two events of a stream: events are read in the order (timestamp, sequence). */
export interface Place {
  readonly timestamp: number
  readonly sequence: number
}

export interface StreamFacts {
  readonly firstEventTimestamp?: number
  readonly lastEventTimestamp?: number
  readonly lastIngestionTime?: number
  /** UTF-8 bytes of the messages and 26 per event, as AWS counts. */
  readonly storedBytes: number
  readonly eventCount: number
}

export interface LogStore {
  /**
   * Resolves when the events are durable (or readable, see `beforeSync`). Creates the stream's storage if it is
   * new. Batches are taken in the order of the calls. Rejects with a Fault ('no-space', …), and then nothing was taken.
   */
  append(stream: StreamId, events: readonly LogEvent[], options: AppendOptions): Promise<void>
  /** How far this stream has taken that source, or the mark of that name; undefined if never. */
  position(stream: StreamId, source: string): Promise<number | undefined>
  /** Ascending by (timestamp, sequence), whatever the direction. A stream that does not exist has no events. */
  read(stream: StreamId, options: ReadOptions): Promise<StoredEvent[]>
  facts(stream: StreamId): Promise<StreamFacts>
  /** The storedBytes of all streams of a group together. */
  groupBytes(group: GroupId): Promise<number>
  /** Forgets the events, the facts and every source's position. */
  deleteStream(stream: StreamId): Promise<void>
  /** Drops events older than `before` (milliseconds); retention. */
  expire(stream: StreamId, before: number): Promise<void>
  close(): Promise<void>
}
