// The far side of the metric store's thread: answers for the SQLite metric store. Started by thread-metric-store.ts.

import { serveStore } from '../../thread/far.ts'
import { openSqliteMetricStore } from '../sqlite/sqlite-metric-store.ts'

await serveStore(openSqliteMetricStore)
