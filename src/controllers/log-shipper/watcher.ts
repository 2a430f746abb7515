// Tells which files of which folders have changed: one watch per folder, as long as somebody wants one of its files.

import { watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Log } from '#base/log.ts'

export interface Watcher {
  /** Returns whether the kernel tells; where it cannot, the file must be looked at from time to time. */
  want(file: string): boolean
  unwant(file: string): void
  close(): void
}

interface Folder {
  readonly watcher: FSWatcher
  readonly wanted: Set<string>
}

export const folderWatcher = (changed: (file: string) => void, log: Log): Watcher => {
  const folders = new Map<string, Folder>()

  const watched = (path: string): Folder | undefined => {
    const known = folders.get(path)
    if (known !== undefined) return known
    try {
      const watcher = watch(path, { persistent: false })
      const folder: Folder = { watcher, wanted: new Set() }
      watcher.on('change', (_, name) => {
        // Without a name anything may have changed.
        for (const file of name === null ? folder.wanted : [`${path}/${String(name)}`]) {
          if (folder.wanted.has(file)) changed(file)
        }
      })
      watcher.on('error', () => drop(path))
      folders.set(path, folder)
      return folder
    } catch (error) {
      // The folder may not be there yet; or the user's inotify watches are used up.
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT') log.warn('log-shipper.not-watched', { folder: path, reason: String(code) })
      return undefined
    }
  }

  const drop = (path: string): void => {
    folders.get(path)?.watcher.close()
    folders.delete(path)
  }

  return {
    want(file) {
      const folder = watched(dirname(file))
      folder?.wanted.add(`${dirname(file)}/${basename(file)}`)
      return folder !== undefined
    },
    unwant(file) {
      const path = dirname(file)
      const folder = folders.get(path)
      folder?.wanted.delete(file)
      if (folder?.wanted.size === 0) drop(path)
    },
    close() {
      for (const path of folders.keys()) drop(path)
    },
  }
}
