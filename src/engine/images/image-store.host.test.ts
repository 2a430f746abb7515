// The image store as a whole: archives in, layers shared, references counted, and nothing lost or left by a kill.

import { spawn } from 'node:child_process'
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '#base/log.ts'
import { run } from '#base/run.ts'
import { seededRandom, systemRandom } from '#base/random.ts'
import { SimulatedClock } from '#base/simulated-clock.ts'
import { busyboxImage } from './busybox-image.ts'
import { openImageStore, type LocalImageStore } from './image-store.ts'
import { digestOf } from './manifest.ts'
import { tarOf } from './tar-writer.ts'
import { asDescriptor, blobFile, builtImage, imageOf, inPieces, layoutOf } from './test-image.ts'

let data: string
let clock: SimulatedClock
const stores: LocalImageStore[] = []

const opened = async (): Promise<LocalImageStore> => {
  const store = await openImageStore({
    data,
    clock,
    random: systemRandom,
    log: silentLog,
    layers: 'directory',
    architecture: 'amd64',
  })
  stores.push(store)
  return store
}

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'neargate-images-'))
  clock = new SimulatedClock()
})
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  rmSync(data, { recursive: true })
})

const under = (name: string): string[] => readdirSync(join(data, 'images', name))

const contentOf = async (store: LocalImageStore, digest: string, path: string): Promise<string> => {
  const image = await store.open(digest)
  const layer = image?.layers.findLast(({ path: root }) => existsSync(join(root, path)))
  return readFileSync(join(layer?.path ?? '/nowhere', path), 'utf8')
}

const invalid = expect.objectContaining({ name: 'Fault', kind: 'invalid' })
const a = imageOf([{ path: 'name', content: 'a' }], { config: { Cmd: ['run', 'a'], Env: ['A=1'], User: '5' } })
const b = imageOf([{ path: 'name', content: 'b' }])

describe('an archive', () => {
  it('of busybox is imported, opens from memory, and stays after a restart', async () => {
    const store = await opened()
    const command = ['/bin/sh', '-c', 'echo hi']
    const [stored] = await store.import(busyboxImage({ command, stopSignal: 'SIGUSR1', environment: ['X=1'] }))
    expect(stored?.references).toEqual(['docker.io/library/busybox:latest'])
    const pulled = await store.pull('busybox')
    expect(pulled).toMatchObject({ digest: stored?.digest, config: { command, stopSignal: 'SIGUSR1' } })
    expect(pulled.config.environment).toContain('X=1')
    const again = await opened()
    expect(await again.list()).toEqual([stored])
    const image = await again.open(pulled.digest)
    const root = image?.layers[0]?.path ?? ''
    expect(statSync(join(root, 'bin/busybox')).mode & 0o777).toBe(0o755)
    expect(statSync(join(root, 'tmp')).mode & 0o7777).toBe(0o1777)
    expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).toContain('app:x:1000:1000:')
    expect(lstatSync(join(root, 'bin/sh')).isSymbolicLink()).toBe(true)
    expect(statSync(join(data, 'images')).mode & 0o777).toBe(0o700)
  })

  it('made twice of the same busybox has the same bytes', async () => {
    const bytes = async (): Promise<string> => digestOf(Buffer.concat(await Array.fromAsync(busyboxImage())))
    expect(await bytes()).toBe(await bytes())
  })

  for (const [how, compress] of [
    ['plain', (tar: Buffer) => tar],
    ['gzip', (tar: Buffer) => gzipSync(tar)],
    [
      'gzip in two members',
      (tar: Buffer) => Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]),
    ],
    ['zstd', (tar: Buffer) => zstdCompressSync(tar)],
  ] as const) {
    it(`may have ${how} layers, and be compressed itself`, async () => {
      const store = await opened()
      const image = builtImage({ tars: [tarOf([{ path: 'name', content: how }])], compress })
      await store.import(inPieces(compress(layoutOf({ 'x.test/img:1': image })), 333))
      expect(await contentOf(store, (await store.pull('x.test/img:1')).digest, 'name')).toBe(how)
    })
  }

  it('as docker save wrote it for years, with a layer that is a link, is understood', async () => {
    const store = await opened()
    const layer = tarOf([{ path: 'name', content: 'old' }])
    const image = builtImage({ tars: [layer, layer] })
    const config = `${image.config.digest.slice(7)}.json`
    const archive = tarOf([
      { path: 'one/layer.tar', content: layer },
      { path: 'two/layer.tar', kind: 'symlink', target: '../one/layer.tar' },
      { path: config, content: image.config.bytes },
      {
        path: 'manifest.json',
        content: JSON.stringify([
          { Config: config, RepoTags: ['old:1', 'old:2'], Layers: ['one/layer.tar', 'two/layer.tar'] },
        ]),
      },
      { path: 'repositories', content: '{}' },
    ])
    const [stored] = await store.import(inPieces(archive))
    expect(stored?.references).toEqual(['docker.io/library/old:1', 'docker.io/library/old:2'])
    expect((await store.import(inPieces(archive)))[0]?.digest).toBe(stored?.digest)
    expect(await contentOf(store, stored?.digest ?? '', 'name')).toBe('old')
    expect((await store.open(stored?.digest ?? ''))?.layers).toHaveLength(2)
  })

  it('for several platforms gives the image for this one', async () => {
    const store = await opened()
    const arm = imageOf([{ path: 'name', content: 'arm' }], { architecture: 'arm64' })
    const index = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.index.v1+json',
        manifests: [
          { ...asDescriptor(arm.manifest), platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
          { ...asDescriptor(a.manifest), platform: { os: 'linux', architecture: 'amd64' } },
          {
            ...asDescriptor(b.manifest),
            platform: { os: 'unknown', architecture: 'unknown' },
            annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
          },
        ],
      }),
    )
    const nested = { mediaType: 'application/vnd.oci.image.index.v1+json', digest: digestOf(index), bytes: index }
    const archive = tarOf([
      ...[nested, a.manifest, a.config, ...a.layers].map(blobFile),
      {
        path: 'index.json',
        content: JSON.stringify({
          schemaVersion: 2,
          manifests: [
            {
              ...asDescriptor(nested),
              annotations: {
                'io.containerd.image.name': 'docker.io/library/multi:1',
                'org.opencontainers.image.ref.name': '1',
              },
            },
          ],
        }),
      },
    ])
    const [stored] = await store.import(inPieces(archive))
    expect(stored).toMatchObject({ references: ['docker.io/library/multi:1'], digest: a.manifest.digest })
  })

  it('without a name is known by its digest', async () => {
    const store = await opened()
    await store.import(inPieces(layoutOf({ '': a })))
    expect((await store.pull(a.manifest.digest)).digest).toBe(a.manifest.digest)
    await expect(store.pull(b.manifest.digest)).rejects.toMatchObject({ kind: 'not-found' })
  })

  const spoilt: Readonly<Record<string, Buffer>> = {
    'is no tar': Buffer.from('this is not an archive'.repeat(100)),
    'is empty': Buffer.alloc(0),
    'holds no image': tarOf([{ path: 'readme', content: 'x' }]),
    'is cut short': layoutOf({ x: a }).subarray(0, 3000),
    'lacks a layer': tarOf([
      blobFile(a.manifest),
      blobFile(a.config),
      { path: 'index.json', content: JSON.stringify({ manifests: [asDescriptor(a.manifest)] }) },
    ]),
    'has another configuration than its digest says': Buffer.from(
      layoutOf({ x: a }).toString('latin1').replace('"A=1"', '"A=2"'),
      'latin1',
    ),
    'has another layer than its digest says': Buffer.from(
      layoutOf({ x: b })
        .toString('latin1')
        .replace(/b(\0{511})/, 'c$1'),
      'latin1',
    ),
    'has an index that is a list': tarOf([{ path: 'index.json', content: '[]' }]),
    'has half a compressed layer': layoutOf({
      x: builtImage({ tars: [tarOf([{ path: 'x', content: 'y' }])], compress: (tar) => gzipSync(tar).subarray(0, 40) }),
    }),
    'has a reference that is none': layoutOf({ 'Not A Reference': a }),
    'names a digest that is a path': tarOf([
      {
        path: 'index.json',
        content: JSON.stringify({ manifests: [{ digest: 'sha256:../../../etc/passwd', size: 1, mediaType: 'x' }] }),
      },
    ]),
  }
  for (const [what, archive] of Object.entries(spoilt)) {
    it(`that ${what} is refused and leaves nothing`, async () => {
      const store = await opened()
      await expect(store.import(inPieces(archive))).rejects.toThrow(invalid)
      expect(await store.list()).toEqual([])
      expect([under('unfinished'), under('images'), under('layers')]).toEqual([[], [], []])
    })
  }

  it('is given up when asked to, and leaves nothing', async () => {
    const store = await opened()
    const stop = new AbortController()
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      yield layoutOf({ x: a }).subarray(0, 2000)
      stop.abort(new Error('enough'))
      await sleep(60_000, undefined, { ref: false })
    }
    await expect(store.import(endless(), stop.signal)).rejects.toThrow('enough')
    expect(under('unfinished')).toEqual([])
  })
})

describe('what is kept', () => {
  const both = layoutOf({ 'x.test/a:1': a, 'x.test/b:1': b })

  it('is an image that has a name, an owner, or was just handed out', async () => {
    const store = await opened()
    await store.import(inPieces(both))
    await store.retain(a.manifest.digest, 'task-1')
    await store.retain(a.manifest.digest, 'task-1')
    await store.remove('x.test/a:1')
    expect(await store.open(a.manifest.digest)).toBeDefined()
    await store.release('task-1')
    await store.release('nobody')
    expect(await store.collect()).toMatchObject({ removedImages: 1, removedLayers: 1 })
    expect(await store.open(a.manifest.digest)).toBeUndefined()
    expect((await store.list()).map(({ references }) => references)).toEqual([['x.test/b:1']])
    expect(under('layers')).toHaveLength(1)
    await expect(store.retain(a.manifest.digest, 'late')).rejects.toMatchObject({ kind: 'not-found' })
    await expect(store.remove('x.test/a:1')).rejects.toMatchObject({ kind: 'not-found' })
  })

  it('by an owner survives a restart', async () => {
    const store = await opened()
    await store.import(inPieces(both))
    await store.retain(a.manifest.digest, '0123456789abcdef-0123456789')
    await store.remove('x.test/a:1')
    const again = await opened()
    await again.collect()
    expect(await again.open(a.manifest.digest)).toBeDefined()
    expect(again.owners()).toEqual(['0123456789abcdef-0123456789'])
    await again.release('0123456789abcdef-0123456789')
    expect((await again.collect()).freedBytes).toBeGreaterThan(0)
  })

  it('is a layer as long as one of its images is', async () => {
    const store = await opened()
    const base = tarOf([{ path: 'base', content: 'shared' }])
    const one = builtImage({ tars: [base, tarOf([{ path: 'one' }])] })
    const two = builtImage({ tars: [base, tarOf([{ path: 'two' }])] })
    await store.import(inPieces(layoutOf({ 'x.test/one': one, 'x.test/two': two })))
    expect(under('layers')).toHaveLength(3)
    await store.remove('x.test/one:latest')
    expect(under('layers')).toHaveLength(2)
    expect(await contentOf(store, two.manifest.digest, 'base')).toBe('shared')
  })

  it('is not an image whose layer is gone, nor a layer whose record is spoilt', async () => {
    const store = await opened()
    await store.import(inPieces(both))
    const layer = a.layers[0]?.digest.slice(7) ?? ''
    writeFileSync(join(data, 'images/layers', layer, 'layer.json'), '{')
    const again = await opened()
    expect((await again.list()).map(({ digest }) => digest)).toEqual([b.manifest.digest])
    await again.import(inPieces(both))
    expect(await contentOf(again, a.manifest.digest, 'name')).toBe('a')
  })

  it('is the name that was imported last', async () => {
    const store = await opened()
    await store.import(inPieces(layoutOf({ 'x.test/n': a })))
    await store.import(inPieces(layoutOf({ 'x.test/n': b })))
    expect((await store.pull('x.test/n')).digest).toBe(b.manifest.digest)
    // The one that lost its name was handed out a moment ago: somebody may be about to run it.
    await store.collect()
    expect(await store.open(a.manifest.digest)).toBeDefined()
    await clock.advance(3600)
    await store.collect()
    expect(await store.open(a.manifest.digest)).toBeUndefined()
  })

  it('is imported once when the same archive comes five times at once', async () => {
    const store = await opened()
    const imports = Array.from({ length: 5 }, () => store.import(inPieces(both)))
    expect(new Set((await Promise.all(imports)).map((images) => JSON.stringify(images)))).toHaveProperty('size', 1)
    expect(under('unfinished')).toEqual([])
  })
})

it('says so when the disk is full, leaves nothing, and goes on with what fits', async () => {
  await run('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'neargate-test', data])
  try {
    const store = await opened()
    const layers = (size: number): Buffer =>
      layoutOf({
        [`x.test/of:${size}`]: imageOf([{ path: 'zeros', content: Buffer.alloc(size) }], { compress: gzipSync }),
      })
    // The first is full when it is unpacked, the second when the archive is put on disk.
    await expect(store.import(inPieces(layers(8_000_000)))).rejects.toMatchObject({ name: 'Fault', kind: 'no-space' })
    const wide = imageOf([{ path: 'zeros', content: Buffer.alloc(4_000_000) }])
    await expect(store.import(inPieces(layoutOf({ x: wide })))).rejects.toMatchObject({ kind: 'no-space' })
    expect([under('unfinished'), under('images'), under('layers')]).toEqual([[], [], []])
    expect(await store.import(inPieces(layers(1_000_000)))).toHaveLength(1)
    await store.close()
  } finally {
    await run('umount', [data])
  }
})

it('is whole after each of twenty kills at any moment of an import', async () => {
  const random = seededRandom(7)
  const program = join(import.meta.dirname, 'import-for-kill-test.ts')
  let killed = 0
  // The first is left alone, to learn how long an import takes here.
  let takesMs = Number.POSITIVE_INFINITY
  for (let round = 0; round <= 20; round++) {
    const child = spawn(process.execPath, [program, data, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_code, signal) => resolve(signal)))
    // Said when modules are loaded and the store is open.
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const begun = performance.now()
    if (round > 0) {
      await sleep(random.fraction() * takesMs)
      child.kill('SIGKILL')
    }
    if ((await ended) === 'SIGKILL') killed += 1
    if (round === 0) takesMs = performance.now() - begun
    const store = await opened()
    expect(under('unfinished')).toEqual([])
    for (const { digest } of await store.list()) {
      const image = await store.open(digest)
      expect(image?.layers).toHaveLength(2)
      for (const { path } of image?.layers ?? []) {
        expect(readdirSync(join(path, 'many'))).toHaveLength(400)
        expect(readFileSync(join(path, 'last'), 'utf8')).toBe('the end')
      }
    }
    await store.close()
  }
  expect(killed).toBeGreaterThan(0)
  const store = await opened()
  // An image that was killed just before it got its name is whole, and nobody's: it goes now.
  await store.collect()
  expect((await store.list()).map(({ references }) => references.length)).not.toContain(0)
  const used = new Set(
    (await Promise.all((await store.list()).map(({ digest }) => store.open(digest)))).flatMap(
      (image) => image?.layers.map(({ diffId }) => diffId) ?? [],
    ),
  )
  expect(under('layers')).toHaveLength(used.size)
})
