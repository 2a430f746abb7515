// Opens the engine of this machine.

import { existsSync } from 'node:fs'
import { LinuxEngine } from './container-engine.ts'
import { containerFolders } from './folders.ts'
import { openHost, type OpenHost, type OpenOptions } from './open-host.ts'
import { isContainerId } from './records.ts'

export type { OpenOptions } from './open-host.ts'
export type { LinuxEngine } from './container-engine.ts'

const TASK_ID_DIGITS = 32

/** A crash between removing a container and releasing its image leaves the image retained by nobody. */
const releaseForgottenImages = async ({ host }: OpenHost): Promise<void> => {
  for (const owner of host.images.owners()) {
    if (!isContainerId(owner)) continue
    const { root } = containerFolders(host.folders, owner.slice(0, TASK_ID_DIGITS), owner)
    if (!existsSync(root)) await host.images.release(owner)
  }
}

/** Takes over all that an earlier process of the same folders and instance left. Fault "unsupported", with reasons. */
export const openLinuxEngine = async (options: OpenOptions): Promise<LinuxEngine> => {
  const opened = await openHost(options)
  const { host, gvisor, refusals, tried, close } = opened
  const userNamespaces = host.ranges !== undefined
  options.log.info('engine.opened', {
    runtime: host.runtime.version,
    userNamespaces,
    storage: host.storage.kind,
    tried,
  })
  for (const because of refusals) options.log.warn('engine.degraded', { because })
  await releaseForgottenImages(opened)
  return new LinuxEngine({
    host,
    gvisor,
    capabilities: {
      runtime: host.runtime.version,
      cgroup: host.cgroups.version,
      layers: options.images.layerKind,
      storageLimit: host.storage.kind,
    },
    close,
  })
}
