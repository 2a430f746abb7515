// For tests of pulling images: a registry and an image store anew for each test, and images to pull.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect } from 'vitest'
import { systemClock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { systemRandom } from '#base/random.ts'
import { type FakeRegistry, startFakeRegistry } from '#engine/images/fake-registry.ts'
import { type ImageStoreOptions, type LocalImageStore, openImageStore } from '#engine/images/image-store.ts'
import { imageOf } from '#engine/images/test-image.ts'

export let data: string
export let registry: FakeRegistry
export let warnings: string[]
const stores: LocalImageStore[] = []

export const opened = async (options: Partial<ImageStoreOptions> = {}): Promise<LocalImageStore> => {
  const log: Log = { info: () => {}, warn: (event) => void warnings.push(event), bug: () => {} }
  const store = await openImageStore({
    data,
    clock: systemClock,
    random: systemRandom,
    log,
    layers: 'directory',
    architecture: 'amd64',
    retry: { tries: 5, firstDelaySeconds: 0.001, budgetSeconds: 10 },
    ...options,
  })
  stores.push(store)
  return store
}

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'neargate-pull-'))
  registry = await startFakeRegistry()
  warnings = []
})
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  await registry.close()
  rmSync(data, { recursive: true })
})

export const image = imageOf([{ path: 'name', content: 'one' }], { compress: gzipSync, config: { Cmd: ['go'] } })
export const other = imageOf([{ path: 'name', content: 'two' }])
/** Does not compress, so that it comes in many pieces. */
export const noise = Buffer.from(Array.from({ length: 600_000 / 8 }, () => systemRandom.hex(8)).join(''))
export const large = imageOf([{ path: 'noise', content: noise }])

export const named = (tag = '1', repository = 'team/app'): string => `${registry.address}/${repository}:${tag}`
export const blobRequests = (): string[] => registry.requests.filter((request) => request.includes('/blobs/'))
export const nothingIsLeft = (): void => expect(readdirSync(join(data, 'images/unfinished'))).toEqual([])
export const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )
export const rootOf = async (store: LocalImageStore, digest: string): Promise<string> =>
  (await store.open(digest))?.layers.at(-1)?.path ?? ''

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

/** The registry is not there any more; another one is, at another address. */
export const loseRegistry = async (): Promise<void> => {
  await registry.close()
  registry = await startFakeRegistry()
}
