// What containers ask of the kernel: capabilities, devices, tmpfs, ulimits and sysctls.

import type { ContainerDefinition, LinuxParameters } from '@aws-sdk/client-ecs'
import { isWithin, type Problems } from './problem.ts'

const MAX_SWAPPINESS = 100
const TMPFS_OPTIONS: ReadonlySet<string> = new Set(
  (
    'defaults ro rw suid nosuid dev nodev exec noexec sync async dirsync remount mand nomand atime noatime diratime ' +
    'nodiratime bind rbind unbindable runbindable private rprivate shared rshared slave rslave relatime norelatime ' +
    'strictatime nostrictatime mode uid gid nr_inodes nr_blocks mpol'
  ).split(' '),
)

/** Linux's capabilities, without "CAP_"; ALL stands for each of them. */
const CAPABILITIES: ReadonlySet<string> = new Set(
  (
    'ALL AUDIT_CONTROL AUDIT_WRITE BLOCK_SUSPEND CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER ' +
    'KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW SETFCAP ' +
    'SETGID SETPCAP SETUID SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO ' +
    'SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG SYSLOG WAKE_ALARM'
  ).split(' '),
)

const ULIMITS: ReadonlySet<string> = new Set(
  'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' '),
)

export function* kernelProblems(containers: readonly ContainerDefinition[]): Problems {
  for (const { name = '', linuxParameters, ulimits = [], systemControls = [] } of containers) {
    if (linuxParameters !== undefined) yield* linuxProblems(name, linuxParameters)
    const seen = new Set<string>()
    for (const { name: limit = '', softLimit = 0, hardLimit = 0 } of ulimits) {
      if (!ULIMITS.has(limit)) yield `Invalid ulimit name '${limit}' for container '${name}'.`
      if (seen.has(limit)) yield `Duplicate ulimit name '${limit}' for container '${name}'.`
      seen.add(limit)
      if (softLimit > hardLimit) yield `Soft limit exceeds hard limit for ulimit ${limit}`
    }
    for (const { namespace = '', value = '' } of systemControls) {
      if (namespace === '') yield 'SystemControl.namespace should not be null or empty.'
      if (value === '') yield 'SystemControl.value should not be null or empty.'
    }
  }
}

function* linuxProblems(container: string, linux: LinuxParameters): Problems {
  for (const capability of [...(linux.capabilities?.add ?? []), ...(linux.capabilities?.drop ?? [])]) {
    if (!CAPABILITIES.has(capability)) yield `Invalid Linux capability '${capability}' for container '${container}'.`
  }
  for (const { containerPath = '', size = 0, mountOptions = [] } of linux.tmpfs ?? []) {
    if (!containerPath.startsWith('/')) yield `Invalid tmpfs 'containerPath' setting for container '${container}'.`
    if (size <= 0) yield `Invalid tmpfs 'size' setting for container '${container}'.`
    const unknown = mountOptions.find((option) => !TMPFS_OPTIONS.has(option.split('=', 1)[0] ?? ''))
    if (unknown !== undefined) yield `Invalid tmpfs mount option '${unknown}' for container '${container}'.`
  }
  if (linux.swappiness !== undefined && !isWithin(linux.swappiness, 0, MAX_SWAPPINESS)) {
    yield `The 'swappiness' setting for container '${container}' must be between 0 and ${MAX_SWAPPINESS}.`
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SystemControl.html */
const FARGATE_SYSCTLS =
  /^(kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)|fs\.mqueue\.[a-z0-9_]+|net\.[A-Za-z0-9_.\-/]+)$/

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-resource-limits */
const NOFILE_MOST = 1_048_576

const UNSUPPORTED = ['devices', 'maxSwap', 'sharedMemorySize', 'swappiness'] as const

export function* fargateKernelProblems(containers: readonly ContainerDefinition[]): Problems {
  for (const { linuxParameters: linux = {}, ulimits = [], systemControls = [] } of containers) {
    for (const parameter of UNSUPPORTED) {
      const value = linux[parameter]
      const isSet = Array.isArray(value) ? value.length > 0 : value !== undefined
      if (isSet) yield `Fargate compatible task definitions do not support ${parameter}`
    }
    const added = (linux.capabilities?.add ?? []).find((capability) => capability !== 'SYS_PTRACE')
    if (added !== undefined) yield `${added} is not allowed on Fargate.`
    for (const { name, hardLimit = 0 } of ulimits) {
      if (name === 'nofile' && hardLimit > NOFILE_MOST) {
        yield `The hard limit for ulimit nofile must be at most ${NOFILE_MOST} on Fargate.`
      }
    }
    const sysctl = systemControls.find(({ namespace = '' }) => !FARGATE_SYSCTLS.test(namespace))
    if (sysctl !== undefined) yield `The system control '${sysctl.namespace}' is not supported on Fargate.`
  }
}
