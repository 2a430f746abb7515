// The far side of the log store's thread: answers for the SQLite log store. Started by thread-log-store.ts.

import { serveStore } from '../../thread/far.ts'
import { openSqliteLogStore } from '../sqlite/sqlite-log-store.ts'

await serveStore(openSqliteLogStore)
