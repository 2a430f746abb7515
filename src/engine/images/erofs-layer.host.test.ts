// EROFS layers, where this host can use them; and where it cannot, that the store says why and uses directories.

import { execFileSync } from 'node:child_process'
import { closeSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { systemRandom } from '#base/random.ts'
import { mountDetached } from '#linux/detached-mount.ts'
import { bind } from '#linux/libc.ts'
import { whyNoErofs } from './erofs-layer.ts'
import { openImageStore, type LocalImageStore } from './image-store.ts'
import { paxHeader, tarEnd, tarEntry, tarOf } from './tar-writer.ts'
import { builtImage, imageOf, inPieces, layoutOf } from './test-image.ts'

const getxattr = bind('long lgetxattr(const char *path, const char *name, void *value, size_t size)')

const probeFolder = mkdtempSync(join(tmpdir(), 'neargate-erofs-probe-'))
const missing = await whyNoErofs(probeFolder)
rmSync(probeFolder, { recursive: true })

let data: string
let store: LocalImageStore

const opened = (layers: 'auto' | 'erofs'): Promise<LocalImageStore> =>
  openImageStore({ data, clock: systemClock, random: systemRandom, log: silentLog, layers, architecture: 'amd64' })

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'neargate-erofs-'))
})
afterEach(async () => {
  await store?.close()
  rmSync(data, { recursive: true })
})

const children = (): string[] =>
  execFileSync('ps', ['-o', 'comm=', '--ppid', String(process.pid)])
    .toString()
    .split('\n')
    .filter((name) => /erofs|setpriv/.test(name))

const whereErofsWorks: Readonly<Record<string, () => Promise<void>>> = {
  'is a file that the kernel mounts, with whiteouts as overlay wants them': async () => {
    store = await opened('auto')
    expect(store.layerKind).toBe('erofs')
    const layer = tarOf([
      { path: 'bin/su', content: 'x'.repeat(10_000), mode: 0o4755, uid: 1000, gid: 7, modified: 1_600_000_000 },
      { path: 'etc/.wh.gone' },
      { path: 'var/', kind: 'directory' },
      { path: 'var/.wh..wh..opq' },
    ])
    // Without its end mark, as some builders leave it.
    const image = builtImage({ tars: [layer.subarray(0, -1024)] })
    await store.import(inPieces(layoutOf({ 'x.test/img': image })))
    const [layerHere] = (await store.open(image.manifest.digest))?.layers ?? []
    expect(layerHere?.kind).toBe('erofs')
    const root = mountDetached('erofs', layerHere?.path ?? '')
    try {
      const at = `/proc/self/fd/${root}`
      expect(readFileSync(`${at}/bin/su`, 'utf8')).toBe('x'.repeat(10_000))
      expect(lstatSync(`${at}/bin/su`)).toMatchObject({ mode: 0o104755, uid: 1000, gid: 7, mtimeMs: 1_600_000_000_000 })
      expect(lstatSync(`${at}/etc/gone`)).toMatchObject({ rdev: 0 })
      expect(lstatSync(`${at}/etc/gone`).isCharacterDevice()).toBe(true)
      expect(Number(getxattr(`${at}/var`, 'trusted.overlay.opaque', Buffer.alloc(8), 8))).toBe(1)
    } finally {
      closeSync(root)
    }
    await store.remove('x.test/img')
    expect(readdirSync(join(data, 'images/layers'))).toEqual([])
  },

  'is refused when it brings overlay’s own attributes, or ends too soon; no mkfs.erofs is left spinning': async () => {
    store = await opened('erofs')
    const file = tarEntry({ path: 'file', content: 'x'.repeat(5000) })
    const hostile = Buffer.concat([paxHeader({ 'SCHILY.xattr.trusted.overlay.redirect': '/etc' }), file, tarEnd])
    for (const tar of [hostile, file.subarray(0, 3000), Buffer.concat([file, Buffer.alloc(700, 'x')])]) {
      const work = store.import(inPieces(layoutOf({ 'x.test/img': builtImage({ tars: [tar] }) })))
      await expect(work).rejects.toMatchObject({ name: 'Fault', kind: 'invalid' })
    }
    expect(children()).toEqual([])
    expect([...readdirSync(join(data, 'images/layers')), ...readdirSync(join(data, 'images/unfinished'))]).toEqual([])
  },
}

const whereItDoesNot: Readonly<Record<string, () => Promise<void>>> = {
  'is a directory instead, and asking for EROFS is refused with the reason': async () => {
    store = await opened('auto')
    expect(store.layerKind).toBe('directory')
    const image = imageOf([{ path: 'name', content: 'x' }])
    await store.import(inPieces(layoutOf({ 'x.test/img': image })))
    expect((await store.open(image.manifest.digest))?.layers[0]?.kind).toBe('directory')
    await expect(opened('erofs')).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining(missing ?? ''),
    })
    expect(children()).toEqual([])
  },
}

// Chosen here and not skipped: whichever it is, something is asserted.
const cases = missing === undefined ? whereErofsWorks : whereItDoesNot
const host = missing === undefined ? 'this host, which can use EROFS' : `this host, where ${missing}`

describe(`a layer on ${host},`, () => {
  for (const [what, check] of Object.entries(cases)) {
    it(`${what}`, async () => {
      await expect(check()).resolves.toBeUndefined()
    })
  }
})
