// Containers of one tiny program: to try a runtime with, and to hold a process namespace.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { idMappings, userNamespaceEntries, type UserNamespace } from './bundle.ts'
import type { Seccomp } from './seccomp.ts'

const PROGRAM = '/program'

/** Writes the program as the only file of a root file system. */
export const layOutTiny = (root: string, program: Buffer): void => {
  for (const folder of ['proc', 'dev', 'sys']) mkdirSync(join(root, folder), { recursive: true, mode: 0o755 })
  writeFileSync(join(root, PROGRAM), program)
  chmodSync(join(root, PROGRAM), 0o755)
}

export interface TinyInput {
  readonly rootfs: string
  readonly cgroup: string
  readonly hostname: string
  readonly userNamespace?: UserNamespace
  /** Absent: one of its own. */
  readonly networkNamespace?: string
  readonly seccomp: (capabilities: readonly string[]) => Seccomp
}

export const tinyConfig = ({
  rootfs,
  cgroup,
  hostname,
  userNamespace,
  networkNamespace,
  seccomp,
}: TinyInput): object => {
  return {
    ociVersion: '1.0.2',
    process: { user: { uid: 0, gid: 0 }, args: [PROGRAM], env: [], cwd: '/', capabilities: {}, noNewPrivileges: true },
    root: { path: rootfs, readonly: true },
    hostname,
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=64k'] },
    ],
    linux: {
      namespaces: [
        ...['pid', 'ipc', 'uts', 'mount', 'cgroup'].map((type) => ({ type })),
        { type: 'network', ...(networkNamespace === undefined ? {} : { path: networkNamespace }) },
        ...userNamespaceEntries(userNamespace),
      ],
      ...idMappings(userNamespace),
      cgroupsPath: cgroup,
      resources: { devices: [{ allow: false, access: 'rwm' }] },
      seccomp: seccomp([]),
    },
  }
}
