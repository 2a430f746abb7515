// A store that forgets when the process ends: for tests and simulations.

import { serialStore } from '../serial-store.ts'
import type { Store } from '../store.ts'

export const memoryStore = (): Store =>
  serialStore(new Map(), {
    commit: async () => {},
    close: async () => {},
  })
