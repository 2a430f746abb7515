// The mount namespace in which runtimes run. The tasks' mounts are in another one and are brought in only while a container
// of theirs is made: a runtime reads the whole mount table at each step, and a container's namespace begins as a copy of
// the one that it is made in, so that with 200 tasks their mounts were a third of what each step cost.

import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { MountNamespace, unmountAll } from '#linux/mount.ts'
import { attachTree, cloneTrees } from '#linux/user-namespace.ts'
import { STAGE } from './folders.ts'
import type { Within } from './runtime.ts'
import { THROUGH_ONLY } from './stage.ts'

export interface LaunchSpace {
  /** For what needs no task's mounts: commands for containers that are made already. */
  readonly within: Within
  /** Does `work` while what is mounted at those places of the stage, and below them, is there too. */
  readonly bringing: <T>(places: readonly string[], work: () => Promise<T>) => Promise<T>
}

/** For a runtime that goes on looking at its container's mounts after it has made it. */
export const sameSpace = (within: Within): LaunchSpace => ({ within, bringing: (_, work) => work() })

/** Each task's network has a pin. As /proc writes them: number, parent, device, root, place, options …, "-", type. */
const pins = (): string[] =>
  readFileSync('/proc/thread-self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => (line.includes(' - nsfs ') ? [line.split(' ')[4] ?? ''] : []))

const FOLDERS = ['t', 'u'].map((name) => join(STAGE, name))

const withdraw = (place: string): void => {
  unmountAll(place)
  rmSync(place, { recursive: true, force: true })
}

export class OwnLaunchSpace implements LaunchSpace {
  readonly #space: MountNamespace
  readonly #tasks: Within

  /** Pinned at `path`; `tasks` runs in the namespace of the tasks' mounts, `setStage` once in the new one. */
  constructor(path: string, tasks: Within, setStage: () => void) {
    this.#tasks = tasks
    this.#space = new MountNamespace(path, () => {
      for (const pin of pins()) unmountAll(pin)
      setStage()
    })
    // What a process that died had brought.
    this.within(() => {
      for (const folder of FOLDERS) {
        mkdirSync(folder, { recursive: true, mode: THROUGH_ONLY })
        for (const name of readdirSync(folder)) withdraw(join(folder, name))
      }
    })
  }

  readonly within = <T>(work: () => T): T => this.#space.inside(work)

  readonly bringing = async <T>(places: readonly string[], work: () => Promise<T>): Promise<T> => {
    const trees = this.#tasks(() =>
      places.map((place) => ({ place, isFolder: statSync(place).isDirectory(), tree: cloneTrees(place) })),
    )
    try {
      this.within(() => {
        for (const { place, isFolder, tree } of trees) {
          if (isFolder) mkdirSync(place, { recursive: true, mode: THROUGH_ONLY })
          else closeSync(openSync(place, 'a', 0o600))
          attachTree(tree, place)
        }
      })
    } finally {
      for (const { tree } of trees) closeSync(tree)
    }
    try {
      return await work()
    } finally {
      this.within(() => {
        for (const place of places) withdraw(place)
      })
    }
  }

  close(): void {
    this.#space.close()
  }

  remove(): void {
    this.#space.remove()
    rmSync(dirname(this.#space.path), { recursive: true, force: true })
  }
}
