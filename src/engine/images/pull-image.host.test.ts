// Pulling from registries that behave, and that are not there; kills in the middle.

import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '#base/random.ts'
import { type BuiltImage } from './busybox-image.ts'
import { digestOf } from './manifest.ts'
import { tarOf } from './tar-writer.ts'
import { asDescriptor, builtImage, inPieces, layoutOf } from './test-image.ts'
import {
  blobRequests,
  data,
  freePort,
  image,
  loseRegistry,
  named,
  nothingIsLeft,
  opened,
  other,
  registry,
  rootOf,
  warnings,
} from '#test/pulls.ts'

describe('a registry that behaves', () => {
  it('gives an image once; its tag is asked for again at each pull, its digest never', async () => {
    registry.push('team/app', '1', image)
    const store = await opened()
    const pulled = await store.pull(named())
    expect(pulled).toMatchObject({ digest: image.manifest.digest, config: { command: ['go'] } })
    expect(readFileSync(join(await rootOf(store, pulled.digest), 'name'), 'utf8')).toBe('one')
    registry.requests.length = 0
    await store.pull(named())
    expect(registry.requests).toEqual(['HEAD /v2/team/app/manifests/1'])
    const byDigest = `${registry.address}/team/app@${image.manifest.digest}`
    expect((await store.pull(byDigest)).digest).toBe(image.manifest.digest)
    expect(registry.requests).toHaveLength(1)
    registry.push('team/app', '1', other)
    expect((await store.pull(named())).digest).toBe(other.manifest.digest)
    expect((await store.list()).find(({ digest }) => digest === other.manifest.digest)?.references).toEqual([named()])
  })

  it('by digest and by tag with digest', async () => {
    registry.push('team/app', '1', image)
    const store = await opened()
    const reference = `${named('whatever')}@${image.manifest.digest}`
    expect((await store.pull(reference)).digest).toBe(image.manifest.digest)
  })

  it('with an index gives the image for this platform, or says that there is none', async () => {
    const type = 'application/vnd.docker.distribution.manifest.list.v2+json'
    const index = (architecture: string): Buffer =>
      Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: type,
          manifests: [{ ...asDescriptor(image.manifest), platform: { os: 'linux', architecture } }],
        }),
      )
    registry.push('team/app', 'plain', image)
    const digest = registry.putManifest('team/app', ['multi'], type, index('amd64'))
    registry.putManifest('team/app', ['arm'], type, index('arm64'))
    const store = await opened()
    expect((await store.pull(named('multi'))).digest).toBe(image.manifest.digest)
    expect((await store.pull(`${registry.address}/team/app@${digest}`)).digest).toBe(image.manifest.digest)
    await expect(store.pull(named('arm'))).rejects.toMatchObject({
      kind: 'not-found',
      message: "image Manifest does not contain descriptor matching platform 'linux/amd64'",
    })
    registry.requests.length = 0
    await store.pull(named('multi'))
    expect(registry.requests).toEqual(['HEAD /v2/team/app/manifests/multi'])
  })

  it('is asked once when ten tasks want the image at once, and once per layer when images share it', async () => {
    const base = tarOf([{ path: 'base', content: 'x'.repeat(50_000) }])
    const [one, two] = ['1', '2'].map((name) => builtImage({ tars: [base, tarOf([{ path: name }])] })) as [
      BuiltImage,
      BuiltImage,
    ]
    registry.push('team/app', '1', one)
    registry.push('team/app', '2', two)
    const store = await opened()
    await Promise.all(Array.from({ length: 20 }, (_, at) => store.pull(named(String((at % 2) + 1)))))
    expect(registry.requests.filter((request) => request.includes('/manifests/'))).toHaveLength(2)
    expect(blobRequests().filter((request) => request.endsWith(digestOf(base)))).toHaveLength(1)
    expect(new Set(blobRequests())).toHaveProperty('size', blobRequests().length)
  })

  it('is not asked for what was imported', async () => {
    const store = await opened()
    await store.import(inPieces(layoutOf({ [named()]: image })))
    expect((await store.pull(named())).digest).toBe(image.manifest.digest)
    expect(registry.requests).toEqual([])
  })
})

describe('a registry that is not there', () => {
  it('cannot be looked up', async () => {
    const store = await opened()
    await expect(store.pull('nowhere.invalid/app:1')).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(
        /^pull image manifest has been retried 5 time\(s\): failed to resolve ref nowhere.invalid\/app:1: failed to do request: Get "https:\/\/nowhere.invalid\/v2\/app\/manifests\/1": dial tcp: lookup nowhere.invalid: (no such host|Temporary failure in name resolution)$/,
      ),
    })
  })

  it('refuses connections', async () => {
    const port = await freePort()
    const store = await opened()
    await expect(store.pull(`127.0.0.1:${port}/app:1`)).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining(`dial tcp 127.0.0.1:${port}: connect: connection refused`),
    })
  })

  it('any more, but has been: the copy runs, and the log says so', async () => {
    registry.push('team/app', '1', image)
    const store = await opened()
    const reference = named()
    await store.pull(reference)
    await loseRegistry()
    expect((await store.pull(reference)).digest).toBe(image.manifest.digest)
    expect(warnings).toEqual(['images.registry-unreachable'])
  })

  it('is never asked for a reference that is none', async () => {
    const store = await opened()
    for (const reference of [
      '',
      'team/UPPER',
      'a b',
      'x:tag:tag',
      'x@sha256:12',
      '../../etc',
      'x.test/../y',
      'http://x/y',
    ]) {
      await expect(store.pull(reference)).rejects.toMatchObject({ kind: 'invalid' })
    }
  })
})

it('is whole after each of twenty kills at any moment of a pull', async () => {
  const random = seededRandom(11)
  const program = join(import.meta.dirname, 'pull-for-kill-test.ts')
  const base = tarOf(Array.from({ length: 300 }, (_, at) => ({ path: `base/${at}`, content: `${at}` })))
  let killed = 0
  // The first is left alone, to learn how long a pull takes here.
  let takesMs = Number.POSITIVE_INFINITY
  for (let round = 0; round <= 20; round++) {
    const top = tarOf(Array.from({ length: 300 }, (_, at) => ({ path: `top/${at}`, content: `${round} ${at}` })))
    registry.push('team/app', String(round), builtImage({ tars: [base, top], compress: gzipSync }))
    const child = spawn(process.execPath, [program, data, named(String(round))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_code, signal) => resolve(signal)))
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const begun = performance.now()
    if (round > 0) {
      await new Promise((resolve) => setTimeout(resolve, random.fraction() * takesMs))
      child.kill('SIGKILL')
    }
    if ((await ended) === 'SIGKILL') killed += 1
    if (round === 0) takesMs = performance.now() - begun
    const store = await opened()
    nothingIsLeft()
    for (const { digest } of await store.list()) {
      const layers = (await store.open(digest))?.layers ?? []
      expect(layers.map(({ path }) => readdirSync(join(path, readdirSync(path)[0] ?? '')).length)).toEqual([300, 300])
    }
    await store.close()
  }
  expect(killed).toBeGreaterThan(0)
})
