// The contract of the event store: an append-only list of events, in the order in which they were told, kept for a while.

export interface NewEvent {
  readonly account: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** What it is about, by which it is found again: a task's ARN, its service's, its cluster's. */
  readonly subjects: readonly string[]
  /** Set where the event tells a thing's state: the thing, and the number of that state. */
  readonly state?: { readonly of: string; readonly version: number }
  /** The event itself, as text. */
  readonly text: string
}

export interface StoredEvent {
  /** Grows from event to event, and is not used again. */
  readonly number: number
  readonly at: number
  readonly text: string
}

export interface EventQuery {
  readonly account: string
  /** Only events about this. */
  readonly subject?: string
  /** Only events after this number. */
  readonly after?: number
  /** Only events from this time on, milliseconds since 1970. */
  readonly since?: number
  /** At most that many, the oldest first. */
  readonly limit: number
}

export interface EventStore {
  /** Resolves when the events can be read and a kill of this process cannot lose them; a power loss may. */
  append(events: readonly NewEvent[]): Promise<void>
  /** In the order of their numbers. */
  read(query: EventQuery): Promise<StoredEvent[]>
  /** The number of the newest event; 0 before the first. */
  lastNumber(): Promise<number>
  /** The highest version told of each thing that is not forgotten. */
  versions(): Promise<ReadonlyMap<string, number>>
  /** Nothing more will be told of these things: their versions go, their events stay. */
  forget(things: readonly string[]): Promise<void>
  /** Drops what is older than `before` (milliseconds since 1970), and of the rest the oldest beyond `bytes` of text. */
  expire(before: number, bytes: number): Promise<void>
  close(): Promise<void>
}
