// The root file system of a container: an overlay over the image's layers, which appear as the task's user namespace
// owns them.

import { chmodSync, chownSync, close, closeSync, constants, existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { changeOwnerAt, isErrno, makeDirectoryAt, openInRoot } from '#linux/files.ts'
import { inDirectory, mount, MOUNT, unmount, unmountAll } from '#linux/mount.ts'
import { attachTree, cloneTree, shiftOwners } from '#linux/user-namespace.ts'
import type { OpenLayer } from '../images/layer-source.ts'
import { STAGE } from './folders.ts'
import { THROUGH_ONLY } from './stage.ts'

const ENOENT = 2
const EINVAL = 22

export interface RootfsInput {
  readonly layers: readonly OpenLayer[]
  /** Where it is mounted, on the stage. */
  readonly target: string
  /** Holds what the container writes. */
  readonly writable: string
  /** Descriptor of the user namespace and what root is in it; absent: as on the host. */
  readonly owner?: { readonly namespace: number; readonly firstId: number }
}

const layerMount = (layer: OpenLayer): string => join(STAGE, 'layers', layer.diffId.replace(':', '-'))

/** EROFS images are mounted once for all containers, so that they share what is cached. */
const sourceOf = (layer: OpenLayer): string => {
  if (layer.kind === 'directory') return layer.path
  const target = layerMount(layer)
  if (!existsSync(target)) {
    mkdirSync(target, { recursive: true, mode: THROUGH_ONLY })
    mount(layer.path, target, 'erofs', MOUNT.readOnly | MOUNT.noDevices)
  }
  return target
}

/** Unmounts those EROFS layers that no container uses any more. */
export const releaseLayers = (unused: readonly OpenLayer[]): void => {
  for (const layer of unused) if (layer.kind === 'erofs') unmountAll(layerMount(layer))
}

/** Mounts it. To be called inside the engine's mount namespace. */
export const mountRootfs = ({ layers, target, writable, owner }: RootfsInput): void => {
  const root = owner?.firstId ?? 0
  mkdirSync(target, { recursive: true, mode: THROUGH_ONLY })
  unmountAll(target)
  const [upper, work, empty] = ['u', 'w', 'e'].map((name) => join(writable, name)) as [string, string, string]
  for (const folder of layers.length === 0 ? [upper, work, empty] : [upper, work]) {
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    chownSync(folder, root, root)
  }
  chmodSync(upper, 0o755)
  // Clones live only until the overlay holds its own: nothing of them stays in the mount table.
  const trees: number[] = []
  try {
    for (const lower of layers.length === 0 ? [empty] : layers.map(sourceOf)) {
      const tree = cloneTree(lower)
      trees.push(tree)
      if (owner !== undefined) shiftOwners(tree, owner.namespace)
    }
    mountOverlay(trees, target, `upperdir=${upper},workdir=${work}`)
  } finally {
    // Later and elsewhere: taking a clone apart waits for all processors.
    for (const tree of trees) queueMicrotask(() => close(tree))
  }
}

/** False once this kernel has refused layers that are nowhere in the file tree, as it does before Linux 6.15. */
let takesDetached = true

/** The lowest layer comes first. Short names: the kernel takes a page of options, and images have up to 127 layers. */
const mountOverlay = (trees: readonly number[], target: string, writable: string): void => {
  const from = (directory: string, names: readonly number[]): void => {
    const options = `lowerdir=${names.toReversed().join(':')},${writable}`
    inDirectory(directory, () => mount('overlay', target, 'overlay', MOUNT.noDevices, options))
  }
  if (takesDetached) {
    try {
      return from('/proc/self/fd', trees)
    } catch (error) {
      if (!isErrno(error, EINVAL)) throw error
    }
  }
  const places = `${target}-l`
  const names = [...trees.keys()]
  try {
    for (const [name, tree] of trees.entries()) {
      mkdirSync(join(places, String(name)), { recursive: true, mode: THROUGH_ONLY })
      attachTree(tree, join(places, String(name)))
    }
    from(places, names)
    takesDetached = false
  } finally {
    for (const name of names) unmount(join(places, String(name)))
  }
}

/** Makes that folder and its parents inside `root` where they are missing, for the container's root. */
export const makeFolderInside = (root: number, path: string, owner: number): void => {
  let sofar = ''
  for (const name of path.split('/').filter((part) => part !== '' && part !== '.')) {
    const parent = sofar === '' ? '/' : sofar
    sofar = `${sofar}/${name}`
    try {
      closeSync(openInRoot(root, sofar, constants.O_DIRECTORY))
    } catch (error) {
      // A file in the way, or a link that leads nowhere: the runtime says so in its own words.
      if (!isErrno(error, ENOENT)) return
      const folder = openInRoot(root, parent, constants.O_DIRECTORY)
      try {
        makeDirectoryAt(folder, name, 0o755)
        changeOwnerAt(folder, name, owner, owner)
      } catch (problem) {
        if (!isErrno(problem, 17)) throw problem
        return
      } finally {
        closeSync(folder)
      }
    }
  }
}

export const openFolder = (path: string): number => openSync(path, constants.O_DIRECTORY)
