// The memory store against the suite of all stores.

import { storeConformance } from '../conformance.ts'
import { memoryStore } from './memory-store.ts'

storeConformance('the memory store', async () => ({ store: memoryStore() }))
