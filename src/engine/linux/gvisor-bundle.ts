// What gVisor wants otherwise than the kernel's own runtimes: its sandbox brings a kernel with its own /sys, cgroups
// and filters.

import { Fault } from '#base/fault.ts'
import type { EngineContainer, EngineTask } from '../engine.ts'

const MIB = 1024 * 1024
/** Of these gVisor makes its own; the host's would only be more for a container to reach. */
const OWN_FILE_SYSTEMS = new Map([['/sys', 'sysfs']])
/** It has none, and says so to nobody. */
const LEFT_OUT = ['/sys/fs/cgroup', '/dev/mqueue']

interface Mount {
  readonly destination: string
}

interface Namespace {
  readonly type: string
}

interface Config {
  readonly mounts: readonly Mount[]
  readonly linux: {
    readonly namespaces: readonly Namespace[]
    readonly resources: { readonly memory: { readonly limit?: number } }
    readonly seccomp: object
    readonly sysctl: Readonly<Record<string, string>>
  }
}

const mountFor = (mount: Mount): Mount[] => {
  if (LEFT_OUT.includes(mount.destination)) return []
  const type = OWN_FILE_SYSTEMS.get(mount.destination)
  const own = { type, source: type, options: ['ro', 'nosuid', 'nodev', 'noexec'] }
  return [type === undefined ? mount : { ...mount, ...own }]
}

/**
 * runsc cannot enter a user namespace that is there already, being a program of many threads; it makes one itself of
 * the same ids.
 */
const namespaceFor = (namespace: Namespace): Namespace => (namespace.type === 'user' ? { type: 'user' } : namespace)

export const withOwnUsers = (config: object): object => {
  const { linux, ...rest } = config as { readonly linux: { readonly namespaces: readonly Namespace[] } }
  return { ...rest, linux: { ...linux, namespaces: linux.namespaces.map(namespaceFor) } }
}

/** The configuration of `bundleConfig`, for runsc. Fault "unsupported" for what it would leave out without a word. */
export const gvisorConfig = (config: object, container: EngineContainer, task: EngineTask): object => {
  const { mounts, linux, ...rest } = config as Config
  const { seccomp: _crun, sysctl, resources, ...others } = linux
  const [setting] = Object.keys(sysctl)
  if (setting !== undefined) {
    throw new Fault('unsupported', `sysctl "${setting}": gVisor's kernel has no such setting to change`)
  }
  // Without a limit of its own it would see the host's memory as its machine's.
  const limit = (container.memoryMiB ?? task.memoryMiB) * MIB
  return withOwnUsers({
    ...rest,
    annotations: {},
    mounts: mounts.flatMap(mountFor),
    linux: { ...others, resources: { ...resources, memory: { ...resources.memory, limit } } },
  })
}
