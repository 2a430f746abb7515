// The store's folders on disk: what is in them is whole, what is not yet whole is under "unfinished", which is swept.

import {
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Random } from '#base/random.ts'
import { diskFault } from './layer-fault.ts'

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600

export class ImagesFolder {
  /** layers/<hex>/ holds layer.json and either fs/ or layer.erofs. */
  readonly layers: string
  /** images/<hex>.json: one image each. */
  readonly images: string
  /** holds/<owner>@<hex>: an empty file per image that someone retains. */
  readonly holds: string
  /** Which reference means which image. */
  readonly names: string
  readonly #unfinished: string
  readonly #random: Random

  constructor(path: string, random: Random, holds = join(path, 'holds')) {
    this.#random = random
    this.layers = join(path, 'layers')
    this.images = join(path, 'images')
    this.holds = holds
    this.names = join(path, 'names.json')
    this.#unfinished = join(path, 'unfinished')
    mkdirSync(path, { recursive: true, mode: FOLDER_MODE })
    for (const folder of [this.layers, this.images, this.holds, this.#unfinished]) {
      mkdirSync(folder, { recursive: true, mode: FOLDER_MODE })
    }
  }

  /** Deletes what a killed process left half done. Returns how much there was. */
  async sweep(): Promise<number> {
    const names = readdirSync(this.#unfinished)
    for (const name of names) await this.delete(join(this.#unfinished, name))
    return names.length
  }

  /** A new empty folder for work in progress. */
  scratch(): string {
    const path = this.#unfinishedPath()
    onDisk(() => mkdirSync(path, { mode: FOLDER_MODE }))
    return path
  }

  async delete(path: string): Promise<void> {
    await rm(path, { recursive: true, force: true, maxRetries: 0 })
  }

  /** Takes a finished folder out of use in one step; deleting it then takes its time. Returns where it is now. */
  withdraw(path: string): string {
    const withdrawn = this.#unfinishedPath()
    renameSync(path, withdrawn)
    return withdrawn
  }

  /** After this the file is there with that content, whatever happens to the power; before it, the old one is. */
  writeDurably(path: string, content: string): void {
    const unfinished = this.#unfinishedPath()
    try {
      const fd = openSync(unfinished, 'wx', FILE_MODE)
      try {
        writeFileSync(fd, content)
        fsyncSync(fd)
      } finally {
        closeSync(fd)
      }
      renameSync(unfinished, path)
      syncFolder(join(path, '..'))
    } catch (error) {
      rmSync(unfinished, { force: true })
      throw diskFault(error)
    }
  }

  #unfinishedPath(): string {
    return join(this.#unfinished, this.#random.hex(16))
  }
}

/** Does it, or says as a fault what the disk has against it. */
export const onDisk = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw diskFault(error)
  }
}

/** Makes renames into and out of that folder survive a power cut. */
export const syncFolder = (path: string): void => {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
