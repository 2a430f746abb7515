// The OCI configuration of a container (runtime-spec config.json), from what was asked for and what the host offers.

import type { EngineContainer, EngineTask, ImageConfig } from '../engine.ts'
import type { ContainerUser } from './image-user.ts'
import { DEFAULT_OPEN_FILES } from './limits.ts'
import type { Seccomp } from './seccomp.ts'
import { RANGE_IDS } from '#linux/user-namespace.ts'

const MIB = 1024 * 1024
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** Where AWS puts its own init on Fargate. */
export const INIT_PATH = '/dev/init'

/** What Docker, containerd and Fargate give by default. */
const DEFAULT_CAPABILITIES = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]

const MASKED = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
]
const READ_ONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger', '/sys/fs/cgroup']

/** A task's own user ids. */
export interface UserNamespace {
  /** First of its ids on the host. */
  readonly firstId: number
  /** Where it is pinned. */
  readonly path: string
}

export const userNamespaceEntries = (namespace: UserNamespace | undefined): object[] =>
  namespace === undefined ? [] : [{ type: 'user', path: namespace.path }]

export const idMappings = (namespace: UserNamespace | undefined): object => {
  if (namespace === undefined) return {}
  const mapping = [{ containerID: 0, hostID: namespace.firstId, size: RANGE_IDS }]
  return { uidMappings: mapping, gidMappings: mapping }
}

export interface BundleInput {
  readonly task: EngineTask
  readonly container: EngineContainer
  readonly image: ImageConfig
  readonly user: ContainerUser
  readonly rootfs: string
  /** Absent: containers share the host's. */
  readonly userNamespace?: UserNamespace
  readonly networkNamespace: string
  /** Absent: a process namespace of its own. */
  readonly pidNamespace?: string
  readonly cgroup: string
  /** Files on the host that are mounted over the image's. */
  readonly files: { readonly hosts: string; readonly hostname: string; readonly resolvConf: string }
  readonly sys: string
  /** Host folder per mount: those the image declares, then the task's volumes, which may be inside them. */
  readonly volumes: readonly { readonly source: string; readonly path: string; readonly readOnly: boolean }[]
  /** A static init on the host, when one was asked for. */
  readonly init?: string
  readonly seccomp: Seccomp
  readonly annotations: Readonly<Record<string, string>>
  /** Our own hard limits by name ("nofile"); a container cannot have more. */
  readonly hardLimits: ReadonlyMap<string, number>
}

/** The names as the runtime wants them. */
export const effectiveCapabilities = (container: EngineContainer): string[] => {
  const dropAll = container.capabilities.drop.includes('ALL')
  const base = dropAll ? [] : DEFAULT_CAPABILITIES.filter((name) => !container.capabilities.drop.includes(name))
  return [...new Set([...base, ...container.capabilities.add])].toSorted().map((name) => `CAP_${name}`)
}

/** entryPoint and command as ECS joins them: an own entry point makes the image's command void. */
export const argumentsOf = (container: EngineContainer, image: ImageConfig): string[] => {
  const entryPoint = container.entryPoint ?? image.entryPoint
  const command = container.command ?? (container.entryPoint === undefined ? image.command : [])
  return [...entryPoint, ...command]
}

const environmentOf = (input: BundleInput): string[] => {
  const { container, image, task, user } = input
  const values = new Map<string, string>([
    ['PATH', DEFAULT_PATH],
    ['HOSTNAME', task.hostname],
    ['HOME', user.home],
    ...(container.tty ? [['TERM', 'xterm'] as const] : []),
  ])
  for (const entry of image.environment) {
    const at = entry.indexOf('=')
    if (at > 0) values.set(entry.slice(0, at), entry.slice(at + 1))
  }
  for (const [name, value] of Object.entries(container.environment)) values.set(name, value)
  return [...values].map(([name, value]) => `${name}=${value}`)
}

const rlimitsOf = ({ container, hardLimits }: BundleInput): object[] => {
  const wanted = new Map<string, { soft: number; hard: number }>([
    ['nofile', { soft: DEFAULT_OPEN_FILES, hard: DEFAULT_OPEN_FILES }],
  ])
  for (const { name, soft, hard } of container.ulimits) wanted.set(name, { soft, hard })
  return [...wanted].map(([name, { soft, hard }]) => {
    const most = hardLimits.get(name) ?? Number.POSITIVE_INFINITY
    return { type: `RLIMIT_${name.toUpperCase()}`, soft: Math.min(soft, most), hard: Math.min(hard, most) }
  })
}

export const processOf = (input: BundleInput, args: readonly string[]): object => {
  const { container, image, user } = input
  const capabilities = effectiveCapabilities(container)
  return {
    terminal: container.tty,
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
    args,
    env: environmentOf(input),
    cwd: container.workingDirectory ?? (image.workingDirectory === '' ? '/' : image.workingDirectory),
    // Without ambient ones a program of another user starts without any, as everywhere.
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    rlimits: rlimitsOf(input),
    noNewPrivileges: true,
  }
}

const bind = (source: string, destination: string, ...options: readonly string[]): object => ({
  destination,
  type: 'bind',
  source,
  options: ['bind', 'nosuid', 'nodev', 'rprivate', ...options],
})

const mountsOf = (input: BundleInput): object[] => {
  const { container, task, files } = input
  // Half of the memory, as `df` shows on Fargate.
  const sharedMemoryMiB = Math.max(64, Math.floor((container.memoryMiB ?? task.memoryMiB) / 2))
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
    {
      destination: '/dev/shm',
      type: 'tmpfs',
      source: 'shm',
      options: ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${sharedMemoryMiB}m`],
    },
    bind(input.sys, '/sys', 'ro', 'noexec'),
    {
      destination: '/sys/fs/cgroup',
      type: 'cgroup',
      source: 'cgroup',
      options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
    },
    ...container.tmpfs.map(({ path, sizeMiB, options }) => ({
      destination: path,
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'nodev', ...options, `size=${sizeMiB}m`],
    })),
    ...input.volumes.map(({ source, path, readOnly }) => bind(source, path, readOnly ? 'ro' : 'rw')),
    bind(files.hosts, '/etc/hosts', 'rw'),
    bind(files.hostname, '/etc/hostname', 'rw'),
    bind(files.resolvConf, '/etc/resolv.conf', 'rw'),
    ...(input.init === undefined ? [] : [bind(input.init, INIT_PATH, 'ro')]),
  ]
}

const resourcesOf = ({ container }: BundleInput): object => ({
  devices: [{ allow: false, access: 'rwm' }],
  cpu: { shares: Math.max(2, container.cpuShares) },
  memory: {
    ...(container.memoryMiB === undefined ? {} : { limit: container.memoryMiB * MIB, swap: container.memoryMiB * MIB }),
    ...(container.memoryReservationMiB === undefined ? {} : { reservation: container.memoryReservationMiB * MIB }),
  },
})

/** Settings of the network belong to the task's namespace, where the engine writes them; a container may not. */
const ownSysctls = (sysctls: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(sysctls).filter(([name]) => !name.startsWith('net.')))

export const bundleConfig = (input: BundleInput): object => {
  const { container, task, image, userNamespace, pidNamespace } = input
  const args = argumentsOf(container, image)
  return {
    ociVersion: '1.0.2',
    process: processOf(input, input.init === undefined ? args : [INIT_PATH, '--', ...args]),
    root: { path: input.rootfs, readonly: container.readonlyRootFilesystem },
    hostname: task.hostname,
    annotations: input.annotations,
    mounts: mountsOf(input),
    linux: {
      namespaces: [
        { type: 'pid', ...(pidNamespace === undefined ? {} : { path: pidNamespace }) },
        { type: 'network', path: input.networkNamespace },
        { type: 'ipc' },
        { type: 'uts' },
        { type: 'mount' },
        { type: 'cgroup' },
        ...userNamespaceEntries(userNamespace),
      ],
      ...idMappings(userNamespace),
      cgroupsPath: input.cgroup,
      resources: resourcesOf(input),
      sysctl: ownSysctls(container.sysctls),
      seccomp: input.seccomp,
      maskedPaths: MASKED,
      readonlyPaths: READ_ONLY,
    },
  }
}
