// Where HAProxy finds its files: in a mount namespace of its own, in memory, so that private keys are on no disk and in
// nobody's sight; and the network namespaces that it opens by name.

import { closeSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mount, MOUNT, MountNamespace, unmountAll } from '#linux/mount.ts'
import { isPinned, openNamespace } from '#linux/network-namespace.ts'
import { pinNamespace } from '#linux/user-namespace.ts'
import type { BalancerPlan } from '../balancer.ts'
import { doorNamespace, HOST_NAMESPACE } from './frontend.ts'
import { named } from './quoting.ts'

/** Exists on every Linux; inside the namespace it is a small file system of our own. */
const STAGE = '/dev/shm'
/** HAProxy looks for namespaces here and nowhere else. */
const NAMESPACES = '/run/netns'
/** All of a load balancer's files together. */
const STAGE_MIB = 64

const pin = (runDir: string): string => join(runDir, 'balancer', 'ns', 'mounts')

export class Stage {
  readonly #space: MountNamespace

  /** Whether one was ever made for that instance. */
  static exists(runDir: string): boolean {
    return existsSync(pin(runDir))
  }

  constructor(runDir: string) {
    // Only a place to mount on; `ip netns` would make it, too.
    mkdirSync(NAMESPACES, { recursive: true, mode: 0o755 })
    this.#space = new MountNamespace(pin(runDir), () => {
      mount('tmpfs', STAGE, 'tmpfs', MOUNT.noSuid | MOUNT.noDevices, `size=${STAGE_MIB}m,mode=700`)
      mkdirSync(join(STAGE, 'netns'))
      mkdirSync(this.jail, { mode: 0o711 })
      mount(join(STAGE, 'netns'), NAMESPACES, null, MOUNT.bind)
    })
  }

  readonly jail = join(STAGE, 'jail')

  folder(id: string): string {
    return join(STAGE, 'b', named(id))
  }

  within<T>(work: () => T): T {
    return this.#space.inside(work)
  }

  /** Brings the folder's files to these and no others, each whole or not at all. */
  write(id: string, files: Readonly<Record<string, string>>): void {
    const folder = this.folder(id)
    this.within(() => {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      for (const [name, text] of Object.entries(files)) {
        const path = join(folder, name)
        writeFileSync(`${path}.new`, text, { mode: 0o600 })
        renameSync(`${path}.new`, path)
      }
    })
  }

  read(id: string, name: string): string | undefined {
    try {
      return this.within(() => readFileSync(join(this.folder(id), name), 'utf8'))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  /** Pins the doors' network namespaces, and the host's, where HAProxy finds them. Fault "not-found" where one is missing. */
  pin({ id, doors }: Pick<BalancerPlan, 'id' | 'doors'>): void {
    const wanted = doors.map((door, index) => [doorNamespace(id, index), door.namespacePath] as const)
    for (const [name, path] of [...wanted, [HOST_NAMESPACE, undefined] as const]) {
      const namespace = openNamespace(path)
      try {
        const { ino } = statSync(path ?? '/proc/self/ns/net')
        this.within(() => {
          const pinned = join(NAMESPACES, name)
          if (isPinned(pinned) && statSync(pinned).ino === ino) return
          unmountAll(pinned)
          pinNamespace(namespace, pinned)
        })
      } finally {
        closeSync(namespace)
      }
    }
  }

  /** Takes away the files and pins of a load balancer that has ended. */
  clear(id: string): void {
    this.within(() => {
      for (let index = 0; isPinned(join(NAMESPACES, doorNamespace(id, index))); index++) {
        const pinned = join(NAMESPACES, doorNamespace(id, index))
        unmountAll(pinned)
        rmSync(pinned, { force: true })
      }
      rmSync(this.folder(id), { recursive: true, force: true })
    })
  }

  close(): void {
    this.#space.close()
  }

  /** With it goes everything that was on it. */
  remove(): void {
    this.#space.remove()
  }
}
