// The volumes that an image declares: anonymous ones, begun with what the image has there, living as long as the task
// and writable also where the root file system is not.

import { closeSync, existsSync, mkdirSync, readlinkSync, renameSync, rmSync } from 'node:fs'
import { join, posix } from 'node:path'
import { Fault } from '#base/fault.ts'
import { isErrno, openInRoot } from '#linux/files.ts'
import { spawnProcess } from '#linux/spawn.ts'
import type { EngineContainer, ImageConfig } from '../engine.ts'
import { containerFolders, taskFolders } from './folders.ts'
import type { Host } from './host.ts'
import { IMAGE_VOLUMES } from './limits.ts'
import type { BoundVolume, TaskState } from './records.ts'
import { makeFolderInside, openFolder } from './rootfs.ts'
import { THROUGH_ONLY } from './stage.ts'

const COPY = '/bin/cp'
const ENOTDIR = 20
const O_DIRECTORY = 0o200000

/** Mounting there would show the runtime, and what it hides, files of the image's choice. */
const isKernels = (path: string): boolean => /^\/(proc|sys|dev)(\/|$)/.test(path)

const plain = (path: string): string => posix.join('/', path).replace(/(?<=.)\/$/, '')

const placesTaken = (...mounts: readonly (readonly { readonly path: string }[])[]): Set<string> =>
  new Set(mounts.flat().map(({ path }) => plain(path)))

/** Paths of the image's volumes where nothing else is mounted. */
export const volumePaths = (
  image: ImageConfig,
  container: Pick<EngineContainer, 'mounts' | 'tmpfs'>,
  inherited: readonly BoundVolume[] = [],
): string[] => {
  const taken = placesTaken(container.mounts, container.tmpfs, inherited)
  const paths = [...new Set(image.volumes.map(plain))].toSorted()
  if (paths.length > IMAGE_VOLUMES) throw new Fault('invalid', `the image declares more than ${IMAGE_VOLUMES} volumes`)
  return paths.filter((path) => path !== '/' && !isKernels(path) && !taken.has(path))
}

/** Descriptor of that folder of the root file system, made when it is missing; undefined for what is no folder. */
const folderInside = (rootfs: string, path: string, owner: number): number | undefined => {
  const root = openFolder(rootfs)
  try {
    makeFolderInside(root, path, owner)
    return openInRoot(root, path, O_DIRECTORY)
  } catch (error) {
    if (isErrno(error, ENOTDIR)) return undefined
    throw error
  } finally {
    closeSync(root)
  }
}

const copied = async (host: Host, from: number, to: string): Promise<void> => {
  const draft = `${to}.new`
  host.within(() => {
    rmSync(draft, { recursive: true, force: true })
    mkdirSync(draft, { recursive: true, mode: THROUGH_ONLY })
  })
  // Owners, modes and attributes as the image has them; links stay links.
  const source = `/proc/${process.pid}/fd/${from}/.`
  const child = spawnProcess(COPY, ['-a', '-T', source, draft], { within: host.within })
  if ((await child.exited) !== 0) {
    const words = child.output().trim()
    throw new Fault(words.includes('No space') ? 'no-space' : 'failed', `the image's volume cannot be copied: ${words}`)
  }
  host.within(() => renameSync(draft, to))
}

/** What the images of other containers declare, where the task definition mounts nothing itself; the first named wins. */
export const inheritedVolumes = (task: TaskState, container: EngineContainer): BoundVolume[] => {
  const taken = placesTaken(container.mounts, container.tmpfs)
  const volumes: BoundVolume[] = []
  for (const { containerId, readOnly } of container.volumesFrom ?? []) {
    for (const volume of task.containers.get(containerId)?.made?.volumes ?? []) {
      if (taken.has(volume.path)) continue
      taken.add(volume.path)
      volumes.push({ ...volume, readOnly: readOnly || volume.readOnly })
    }
  }
  return volumes
}

/** For a container whose root file system is mounted. `owner` is what its root is on the host. */
export const imageVolumes = async (
  host: Host,
  container: EngineContainer,
  image: ImageConfig,
  owner: number,
  inherited: readonly BoundVolume[],
): Promise<BoundVolume[]> => {
  const { rootfs } = containerFolders(host.folders, container.taskId, container.id)
  const { mounted } = taskFolders(host.folders, container.taskId)
  const volumes = []
  for (const [index, path] of volumePaths(image, container, inherited).entries()) {
    const folder = host.within(() => folderInside(rootfs, path, owner))
    if (folder === undefined) throw new Fault('invalid', `the image's volume ${path} is no folder`)
    try {
      // Where links of the image really lead.
      const real = host.within(() => readlinkSync(`/proc/self/fd/${folder}`)).slice(rootfs.length)
      if (real === '' || isKernels(real)) continue
      const source = join(mounted, 'a', container.id, String(index))
      if (!host.within(() => existsSync(source))) await copied(host, folder, source)
      volumes.push({ source, path: real, readOnly: false })
    } finally {
      closeSync(folder)
    }
  }
  return volumes
}
