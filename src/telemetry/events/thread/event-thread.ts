// The far side of the event store's thread: answers for the SQLite event store. Started by thread-event-store.ts.

import { serveStore } from '../../thread/far.ts'
import { openSqliteEventStore } from '../sqlite/sqlite-event-store.ts'

await serveStore(openSqliteEventStore)
