// The filter that containers get out of a profile like the distribution's.

import { describe, expect, it } from 'vitest'
import { seccompTranslator } from './seccomp.ts'

const translate = seccompTranslator(
  {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 38,
    archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }],
    syscalls: [
      { names: ['read', 'mount', 'clone', 'clone3', 'keyctl'], action: 'SCMP_ACT_ALLOW', args: [] },
      { names: ['modify_ldt'], action: 'SCMP_ACT_ALLOW', includes: { arches: ['amd64'] } },
      { names: ['cacheflush'], action: 'SCMP_ACT_ALLOW', includes: { arches: ['arm64'] } },
      { names: ['kcmp'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_PTRACE'] } },
      { names: ['kcmp'], action: 'SCMP_ACT_ERRNO', errnoRet: 1, excludes: { caps: ['CAP_SYS_PTRACE'] } },
    ],
  },
  'x64',
)

/** Actions by name of call. */
const actions = (capabilities: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    translate(capabilities).syscalls.flatMap(({ names, action }) => names.map((name) => [name, action])),
  )

describe('the system call filter', () => {
  it('refuses what leads out of a container, whatever the profile says', () => {
    const found = actions([])
    expect(found['read']).toBe('SCMP_ACT_ALLOW')
    for (const call of ['mount', 'keyctl', 'unshare', 'setns', 'clone3', 'open_tree', 'kcmp']) {
      expect(found[call]).toBe('SCMP_ACT_ERRNO')
    }
  })

  it('lets clone make processes and threads, not namespaces', () => {
    const rules = translate([]).syscalls.filter(({ names }) => names.includes('clone'))
    expect(rules).toEqual([
      {
        names: ['clone'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value: 0x7e020000, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
      },
    ])
  })

  it('opens what a capability is for', () => {
    expect(actions(['CAP_SYS_PTRACE'])['kcmp']).toBe('SCMP_ACT_ALLOW')
    expect(actions(['CAP_SYS_ADMIN'])['mount']).toBe('SCMP_ACT_ALLOW')
  })

  it('is for the architecture of the host', () => {
    expect(actions([])).toHaveProperty('modify_ldt')
    expect(actions([])).not.toHaveProperty('cacheflush')
    expect(translate([]).architectures).toEqual(['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'])
  })

  it('is one for all containers of equal capabilities', () => {
    expect(translate(['CAP_A', 'CAP_B'])).toBe(translate(['CAP_B', 'CAP_A']))
  })
})
