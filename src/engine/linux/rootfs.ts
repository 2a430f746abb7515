// The root file system of a container: an overlay over the image's layers, which appear as the task's user namespace
// owns them.

import { chmodSync, chownSync, closeSync, constants, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { changeOwnerAt, isErrno, makeDirectoryAt, openInRoot } from '#linux/files.ts'
import { inDirectory, mount, MOUNT, unmount, unmountAll } from '#linux/mount.ts'
import { attachTree, cloneTree, shiftOwners } from '#linux/user-namespace.ts'
import type { OpenLayer } from '../images/layer-source.ts'
import { STAGE } from './folders.ts'
import { THROUGH_ONLY } from './stage.ts'

const ENOENT = 2
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
  const folders = { upper: join(writable, 'u'), work: join(writable, 'w'), empty: join(writable, 'e') }
  for (const folder of Object.values(folders)) {
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    chownSync(folder, root, root)
  }
  chmodSync(folders.upper, 0o755)
  // Clones live only until the overlay holds its own: nothing of them stays in the mount table.
  const lowers = layers.length === 0 ? [folders.empty] : layers.map(sourceOf)
  const places = join(dirname(target), `${target.slice(dirname(target).length + 1)}-l`)
  mkdirSync(places, { recursive: true, mode: THROUGH_ONLY })
  try {
    lowers.forEach((lower, index) => attach(lower, join(places, String(index)), owner?.namespace))
    // Short names: the kernel takes a page of options, and images have up to 127 layers.
    const names = lowers.map((_, index) => index).toReversed()
    const options = `lowerdir=${names.join(':')},upperdir=${folders.upper},workdir=${folders.work}`
    inDirectory(places, () => mount('overlay', target, 'overlay', MOUNT.noDevices, options))
  } finally {
    lowers.forEach((_, index) => unmount(join(places, String(index))))
  }
}

const attach = (lower: string, place: string, namespace: number | undefined): void => {
  mkdirSync(place, { recursive: true })
  const tree = cloneTree(lower)
  try {
    if (namespace !== undefined) shiftOwners(tree, namespace)
    attachTree(tree, place)
  } finally {
    closeSync(tree)
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
