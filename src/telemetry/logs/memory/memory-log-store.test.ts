// The memory log store against the suite of all log stores.

import { logStoreConformance } from '../conformance.ts'
import { memoryLogStore } from './memory-log-store.ts'

logStoreConformance('the memory log store', async () => ({ logs: memoryLogStore() }))
