// A container that asks for nothing special: tests of engines change a field or two of it.

import type { EngineContainer } from './engine.ts'

export const plainContainer = (
  own: Pick<EngineContainer, 'id' | 'taskId' | 'name' | 'imageDigest'> & Partial<EngineContainer>,
): EngineContainer => ({
  environment: {},
  readonlyRootFilesystem: false,
  cpuShares: 2,
  mounts: [],
  tmpfs: [],
  ulimits: [],
  sysctls: {},
  init: false,
  capabilities: { add: [], drop: [] },
  tty: false,
  interactive: false,
  ...own,
})
