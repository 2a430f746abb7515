// The system call filter of containers: the distribution's profile, translated for a set of capabilities and tightened.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '#base/fault.ts'
import type { Runtime } from './runtime.ts'

export const SECCOMP_PROFILE = '/usr/share/containers/seccomp.json'

interface ProfileArgument {
  readonly index: number
  readonly value: number
  readonly valueTwo?: number
  readonly op: string
}

interface Condition {
  readonly caps?: readonly string[]
  readonly arches?: readonly string[]
}

interface ProfileRule {
  readonly names: readonly string[]
  readonly action: string
  readonly errnoRet?: number
  readonly args?: readonly ProfileArgument[] | null
  readonly includes?: Condition
  readonly excludes?: Condition
}

interface Profile {
  readonly defaultAction: string
  readonly defaultErrnoRet?: number
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures?: readonly string[] | null }[]
  readonly syscalls: readonly ProfileRule[]
}

export interface SeccompRule {
  readonly names: readonly string[]
  readonly action: string
  readonly errnoRet?: number
  readonly args?: readonly ProfileArgument[]
}

export interface Seccomp {
  readonly defaultAction: string
  readonly defaultErrnoRet?: number
  readonly architectures: readonly string[]
  readonly syscalls: readonly SeccompRule[]
}

/**
 * Allowed by the profile, which counts on user namespaces alone; refused here without CAP_SYS_ADMIN, as Docker and
 * containerd refuse them: most kernel escapes of recent years began with one of these.
 */
const NEEDS_SYS_ADMIN = [
  'fsconfig',
  'fsmount',
  'fsopen',
  'fspick',
  'keyctl',
  'mount',
  'mount_setattr',
  'move_mount',
  'open_tree',
  'pivot_root',
  'reboot',
  'setns',
  'syslog',
  'umount',
  'umount2',
  'unshare',
]
const CLONE_CALLS = ['clone', 'clone3']
/** All CLONE_NEW* flags that clone takes. */
const NEW_NAMESPACES = 0x7e020000
const EPERM = 1
const ENOSYS = 38

const ARCHITECTURES: Readonly<Record<string, readonly [profile: string, oci: string]>> = {
  x64: ['amd64', 'SCMP_ARCH_X86_64'],
  arm64: ['arm64', 'SCMP_ARCH_AARCH64'],
}

/** Translates once per set of capabilities ("CAP_..." names); containers with equal sets share the result. */
export const seccompTranslator = (
  profile: Profile,
  architecture: string = process.arch,
): ((capabilities: readonly string[]) => Seccomp) => {
  const [arch, ociArch] = ARCHITECTURES[architecture] ?? [architecture, '']
  const known = new Map<string, Seccomp>()
  const subArchitectures = profile.archMap?.find((entry) => entry.architecture === ociArch)?.subArchitectures ?? []
  return (capabilities) => {
    const key = capabilities.toSorted().join()
    const found = known.get(key)
    if (found !== undefined) return found
    const made: Seccomp = {
      defaultAction: profile.defaultAction,
      ...(profile.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: profile.defaultErrnoRet }),
      architectures: [ociArch, ...subArchitectures],
      syscalls: [
        ...profile.syscalls
          .filter((rule) => applies(rule, arch, capabilities))
          .flatMap((rule) => tightened(rule, capabilities)),
        ...(capabilities.includes('CAP_SYS_ADMIN') ? [] : NAMESPACE_RULES),
      ],
    }
    known.set(key, made)
    return made
  }
}

/** Reads the host's profile. Fault "unsupported" when it is missing: nothing runs unfiltered. */
export const hostSeccomp = (): ((capabilities: readonly string[]) => Seccomp) => {
  let text: string
  try {
    text = readFileSync(SECCOMP_PROFILE, 'utf8')
  } catch (error) {
    const fix = 'apt-get install golang-github-containers-common'
    throw new Fault('unsupported', `${SECCOMP_PROFILE} cannot be read; ${fix}`, { cause: error })
  }
  return seccompTranslator(JSON.parse(text) as Profile)
}

const applies = (rule: ProfileRule, arch: string, capabilities: readonly string[]): boolean => {
  const { includes, excludes } = rule
  if (includes?.arches !== undefined && !includes.arches.includes(arch)) return false
  if (includes?.caps !== undefined && !includes.caps.every((name) => capabilities.includes(name))) return false
  if (excludes?.arches?.includes(arch) === true) return false
  return !(excludes?.caps?.some((name) => capabilities.includes(name)) ?? false)
}

const tightened = (rule: ProfileRule, capabilities: readonly string[]): SeccompRule[] => {
  const refused = capabilities.includes('CAP_SYS_ADMIN') ? [] : [...NEEDS_SYS_ADMIN, ...CLONE_CALLS]
  const names = rule.names.filter((name) => rule.action !== 'SCMP_ACT_ALLOW' || !refused.includes(name))
  if (names.length === 0) return []
  return [
    {
      names,
      action: rule.action,
      ...(rule.errnoRet === undefined ? {} : { errnoRet: rule.errnoRet }),
      ...(rule.args === undefined || rule.args === null || rule.args.length === 0 ? {} : { args: rule.args }),
    },
  ]
}

const NAMESPACE_RULES: readonly SeccompRule[] = [
  { names: NEEDS_SYS_ADMIN, action: 'SCMP_ACT_ERRNO', errnoRet: EPERM },
  {
    names: ['clone'],
    action: 'SCMP_ACT_ALLOW',
    args: [{ index: 0, value: NEW_NAMESPACES, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
  },
  // Its flags are behind a pointer, where no filter can look; C libraries fall back to clone.
  { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
]

/**
 * Filters as the kernel takes them. Making one out of the rules costs crun 17 ms of CPU, more than all the rest of a
 * container; so the one that it left with the first container of a set of capabilities is handed to the following.
 * runc has no such door.
 */
export class CompiledFilters {
  readonly #compiled = new Map<Seccomp, string>()

  /** For the configuration's annotations; the rules stay in it for a crun that does not know this one. */
  annotations(rules: Seccomp): Readonly<Record<string, string>> {
    const compiled = this.#compiled.get(rules)
    return compiled === undefined ? {} : { 'run.oci.seccomp_bpf_data': compiled }
  }

  /** Keeps what the runtime made of these rules for a container that it has just made. */
  learn(rules: Seccomp, runtime: Runtime, containerId: string): void {
    if (runtime.name !== 'crun' || this.#compiled.has(rules)) return
    try {
      const compiled = readFileSync(join(runtime.stateFolder, containerId, 'seccomp.bpf'))
      if (compiled.length > 0) this.#compiled.set(rules, compiled.toString('base64'))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}
