import { eventStoreConformance } from '../conformance.ts'
import { memoryEventStore } from './memory-event-store.ts'

eventStoreConformance('the event store in memory', async () => ({ events: memoryEventStore() }))
