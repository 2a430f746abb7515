// Pulling from registries that behave, that do not, and that are not there.

import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { seededRandom, systemRandom } from '#base/random.ts'
import { builtBusyboxImage, type BuiltImage } from './busybox-image.ts'
import { answerError, startFakeRegistry, type FakeRegistry } from './fake-registry.ts'
import { openImageStore, type ImageStoreOptions, type LocalImageStore } from './image-store.ts'
import { digestOf } from './manifest.ts'
import { tarOf } from './tar-writer.ts'
import { asDescriptor, builtImage, imageOf, inPieces, layoutOf } from './test-image.ts'

let data: string
let registry: FakeRegistry
let warnings: string[]
const stores: LocalImageStore[] = []

const opened = async (options: Partial<ImageStoreOptions> = {}): Promise<LocalImageStore> => {
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

const image = imageOf([{ path: 'name', content: 'one' }], { compress: gzipSync, config: { Cmd: ['go'] } })
const other = imageOf([{ path: 'name', content: 'two' }])
/** Does not compress, so that it comes in many pieces. */
const noise = Buffer.from(Array.from({ length: 600_000 / 8 }, () => systemRandom.hex(8)).join(''))
const large = imageOf([{ path: 'noise', content: noise }])

const named = (tag = '1', repository = 'team/app'): string => `${registry.address}/${repository}:${tag}`
const blobRequests = (): string[] => registry.requests.filter((request) => request.includes('/blobs/'))
const nothingIsLeft = (): void => expect(readdirSync(join(data, 'images/unfinished'))).toEqual([])
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )
const rootOf = async (store: LocalImageStore, digest: string): Promise<string> =>
  (await store.open(digest))?.layers.at(-1)?.path ?? ''

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

describe('who is asking', () => {
  const basic = (user: string): string => `Basic ${Buffer.from(user).toString('base64')}`

  it('is told by name and password where the registry wants that', async () => {
    registry.push('team/app', '1', image)
    registry.misbehave((request, response) => {
      if (request.headers.authorization === basic('me:secret')) return false
      response.setHeader('www-authenticate', 'Basic realm="registry"')
      answerError(response, 401, 'UNAUTHORIZED', 'authentication required')
      return true
    })
    const store = await opened()
    const denied = 'pull access denied, repository does not exist or may require authorization: server message: '
    await expect(store.pull(named())).rejects.toMatchObject({
      kind: 'denied',
      message: `pull image manifest has been retried 1 time(s): failed to resolve ref ${named()}: ${denied}unauthorized: authentication required`,
    })
    await expect(store.pull(named(), { username: 'me', password: 'wrong' })).rejects.toMatchObject({ kind: 'denied' })
    const pulled = await store.pull(named(), { username: 'me', password: 'secret' })
    expect(pulled.digest).toBe(image.manifest.digest)
    // A copy is here now. It is not for those whom the registry would send away.
    await expect(store.pull(named())).rejects.toMatchObject({ kind: 'denied' })
  })

  it('is told by a token, fetched once for all layers and again when it has run out', async () => {
    const layers = Array.from({ length: 5 }, (_, at) => tarOf([{ path: `layer${at}`, content: 'x' }]))
    const many = builtImage({ tars: layers })
    registry.push('team/app', '1', many)
    let valid = 0
    const asked: unknown[] = []
    registry.misbehave((request, response, path) => {
      if (path.startsWith('/token')) {
        const url = new URL(path, 'http://x')
        const { scope, service } = Object.fromEntries(url.searchParams)
        asked.push({ scope, service, authorization: request.headers.authorization })
        valid += 1
        response.end(JSON.stringify({ token: `t${valid}`, expires_in: 300 }))
        return true
      }
      if (request.headers.authorization === `Bearer t${valid}` && valid > 0) {
        // The first token dies early, while layers are under way.
        if (!(valid === 1 && path.includes('/blobs/'))) return false
      }
      response.setHeader(
        'www-authenticate',
        `Bearer realm="http://${registry.address}/token",service="the, registry",scope="repository:team/app:pull"`,
      )
      answerError(response, 401, 'UNAUTHORIZED', 'authentication required')
      return true
    })
    const store = await opened()
    await store.pull(named(), { username: 'me', password: 'secret' })
    const question = { scope: 'repository:team/app:pull', service: 'the, registry', authorization: basic('me:secret') }
    expect(asked).toEqual([question, question])
    expect((await store.open(many.manifest.digest))?.layers).toHaveLength(5)
  })

  it('is not told to where the registry redirects', async () => {
    registry.push('team/app', '1', image)
    const elsewhere = await startFakeRegistry()
    elsewhere.push('team/app', '1', image)
    const seen: (string | undefined)[] = []
    elsewhere.misbehave((request) => void seen.push(request.headers.authorization))
    registry.misbehave((request, response, path) => {
      if (request.headers.authorization === undefined) {
        response.setHeader('www-authenticate', 'Basic realm="registry"')
        answerError(response, 401, 'UNAUTHORIZED', 'authentication required')
        return true
      }
      if (!path.includes('/blobs/')) return false
      response.writeHead(307, { location: `http://${elsewhere.address}${path}` }).end()
      return true
    })
    const store = await opened()
    await store.pull(named(), { username: 'me', password: 'secret' })
    expect(seen).toEqual([undefined, undefined])
    await elsewhere.close()
  })

  it('never shows up in a message', async () => {
    registry.misbehave((_request, response) => {
      response.writeHead(302, { location: `http://${registry.address}/x?signature=hidden` }).end()
      return true
    })
    const store = await opened()
    const messages: string[] = []
    for (
      let error: unknown = await failureOf(store.pull(named(), { username: 'me', password: 'hidden' }));
      error instanceof Error;
      error = error.cause
    ) {
      messages.push(`${error.stack ?? ''} ${JSON.stringify(error)}`)
    }
    expect(messages[0]).toContain('stopped after 5 redirects')
    expect(messages.join()).not.toContain('hidden')
  })
})

describe('a registry that misbehaves', () => {
  it('has no such image: AWS’s words after five tries', async () => {
    const store = await opened()
    await expect(store.pull(named('nope'))).rejects.toMatchObject({
      kind: 'not-found',
      message: `pull image manifest has been retried 5 time(s): failed to resolve ref ${named('nope')}: ${named('nope')}: not found`,
    })
    expect(registry.requests).toHaveLength(5)
  })

  it('is busy or broken for a while: the pull goes through', async () => {
    registry.push('team/app', '1', image)
    let left = 4
    registry.misbehave((_request, response) => {
      if (left-- <= 0) return false
      answerError(response, left % 2 === 0 ? 500 : 429, 'TOOMANYREQUESTS', 'slow down')
      return true
    })
    const store = await opened()
    expect((await store.pull(named())).digest).toBe(image.manifest.digest)
  })

  it('is busy for good: its own words', async () => {
    registry.misbehave((_request, response) => {
      answerError(response, 429, 'TOOMANYREQUESTS', 'You have reached your pull rate limit.')
      return true
    })
    const store = await opened()
    await expect(store.pull(named())).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(/5 time\(s\).*429 Too Many Requests: toomanyrequests: You have reached your pull/),
    })
  })

  it('breaks the connection again and again: the layer is continued where it was cut', async () => {
    registry.push('team/app', '1', large)
    const layer = large.layers[0]?.bytes ?? Buffer.alloc(0)
    const ranges: (string | undefined)[] = []
    registry.misbehave((request, response, path) => {
      if (!path.endsWith(large.layers[0]?.digest ?? '')) return false
      ranges.push(request.headers.range)
      if (ranges.length > 3) return false
      const from = Number(/([0-9]+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
      const head = { 'content-length': layer.length - from, 'content-range': `bytes ${from}-` }
      response.writeHead(from > 0 ? 206 : 200, head)
      response.write(layer.subarray(from, from + 100_000), () => response.destroy())
      return true
    })
    const store = await opened()
    const { digest } = await store.pull(named())
    expect(readFileSync(join(await rootOf(store, digest), 'noise')).equals(noise)).toBe(true)
    expect(ranges).toHaveLength(4)
    expect(ranges[0]).toBeUndefined()
    expect(ranges[3]).toMatch(/^bytes=[1-9][0-9]*-$/)
  })

  it('ignores ranges: what came already is not taken twice', async () => {
    registry.push('team/app', '1', large)
    const layer = large.layers[0]?.bytes ?? Buffer.alloc(0)
    let tries = 0
    registry.misbehave((_request, response, path) => {
      if (!path.endsWith(large.layers[0]?.digest ?? '')) return false
      response.writeHead(200, { 'content-length': layer.length })
      tries += 1
      if (tries === 1) response.write(layer.subarray(0, 200_000), () => response.destroy())
      else response.end(layer)
      return true
    })
    const store = await opened()
    const { digest } = await store.pull(named())
    expect(tries).toBe(2)
    expect(readFileSync(join(await rootOf(store, digest), 'noise')).equals(noise)).toBe(true)
  })

  const spoilt: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
    'corrupt by one bit': (bytes) => Buffer.from(bytes).fill((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1),
    'too long': (bytes) => Buffer.concat([bytes, Buffer.from('more')]),
    'something else': () => Buffer.alloc(1000, 'x'),
  }
  for (const kind of ['layer', 'config', 'manifest'] as const) {
    for (const [how, spoil] of Object.entries(spoilt)) {
      it(`sends a ${kind} that is ${how}: refused, and nothing is kept`, async () => {
        registry.push('team/app', '1', image)
        const victim = kind === 'layer' ? image.layers[0] : image[kind]
        const reference = `${registry.address}/team/app@${image.manifest.digest}`
        registry.misbehave((_request, response, path) => {
          if (victim === undefined || !path.endsWith(victim.digest)) return false
          response.end(spoil(victim.bytes))
          return true
        })
        const store = await opened()
        await expect(store.pull(reference)).rejects.toMatchObject({ name: 'Fault', kind: 'invalid' })
        expect(await store.list()).toEqual([])
        expect(readdirSync(join(data, 'images/layers'))).toEqual([])
        nothingIsLeft()
      })
    }
  }

  it('always cuts a layer short: the fault says so', async () => {
    registry.push('team/app', '1', image)
    registry.misbehave((_request, response, path) => {
      if (!path.endsWith(image.layers[0]?.digest ?? '')) return false
      response.end('short')
      return true
    })
    const store = await opened()
    await expect(store.pull(named())).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(
        /^ref pull has been retried 5 time\(s\): failed to copy: httpReadSeeker: failed open: /,
      ),
    })
    nothingIsLeft()
  })

  it('falls silent: i/o timeout', async () => {
    registry.misbehave(() => true)
    const store = await opened({ timeouts: { connectSeconds: 0.1, idleSeconds: 0.1 } })
    const error = await store.pull(named()).catch((fault: Error) => fault)
    expect(error).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('i/o timeout') })
  })

  it('falls silent in the middle of a layer, and the pull is given up: nothing is left', async () => {
    registry.push('team/app', '1', large)
    const stop = new AbortController()
    registry.misbehave((_request, response, path) => {
      if (!path.endsWith(large.layers[0]?.digest ?? '')) return false
      response.writeHead(200)
      response.write(large.layers[0]?.bytes.subarray(0, 100_000), () => stop.abort(new Error('enough')))
      return true
    })
    const store = await opened()
    await expect(store.pull(named(), undefined, stop.signal)).rejects.toThrow('enough')
    await store.close()
    nothingIsLeft()
  })

  it('serves one who waits on when another gives up', async () => {
    registry.push('team/app', '1', image)
    let release = (): void => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    registry.misbehave((request, response, path) => {
      if (!path.endsWith(image.layers[0]?.digest ?? '') || request.headers['x-second'] !== undefined) return false
      void held.then(() => response.end(image.layers[0]?.bytes))
      return true
    })
    const store = await opened()
    const stop = new AbortController()
    const impatient = store.pull(named(), undefined, stop.signal)
    const patient = store.pull(named())
    stop.abort(new Error('enough'))
    await expect(impatient).rejects.toThrow('enough')
    release()
    expect((await patient).digest).toBe(image.manifest.digest)
    expect(blobRequests()).toHaveLength(2)
  })

  it('nests indexes without end', async () => {
    const type = 'application/vnd.oci.image.index.v1+json'
    let digest = registry.putManifest('team/app', [], type, Buffer.from('{"schemaVersion":2,"manifests":[]}'))
    let size = 34
    for (let depth = 0; depth < 8; depth++) {
      const bytes = Buffer.from(JSON.stringify({ mediaType: type, manifests: [{ mediaType: type, digest, size }] }))
      digest = registry.putManifest('team/app', ['1'], type, bytes)
      size = bytes.length
    }
    const store = await opened()
    await expect(store.pull(named())).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('nested'),
    })
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
    await store.pull(named())
    await registry.close()
    expect((await store.pull(named())).digest).toBe(image.manifest.digest)
    expect(warnings).toEqual(['images.registry-unreachable'])
    registry = await startFakeRegistry()
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

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

describe('docker-registry, the program', () => {
  const started = async (auth: string) => {
    const port = await freePort()
    const config = join(data, 'registry.yml')
    writeFileSync(
      config,
      `version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: ${join(data, 'registry')}\nhttp:\n  addr: 127.0.0.1:${port}\n${auth}`,
    )
    const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' })
    const base = `http://127.0.0.1:${port}`
    for (let tries = 0; ; tries++) {
      const answer = await fetch(`${base}/v2/`).catch(() => undefined)
      if (answer !== undefined) break
      if (tries === 200) throw new Error('docker-registry does not start')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const stop = (): Promise<void> =>
      new Promise((resolve) => {
        child.on('close', () => resolve())
        child.kill('SIGTERM')
      })
    return { base, address: `127.0.0.1:${port}`, stop }
  }

  const push = async (
    base: string,
    tag: string,
    built: BuiltImage,
    headers: Record<string, string> = {},
  ): Promise<void> => {
    for (const { digest, bytes } of [built.config, ...built.layers]) {
      const begun = await fetch(`${base}/v2/test/busybox/blobs/uploads/`, { method: 'POST', headers })
      const url = new URL(begun.headers.get('location') ?? '', base)
      url.searchParams.set('digest', digest)
      const put = await fetch(url, {
        method: 'PUT',
        headers: { ...headers, 'content-type': 'application/octet-stream' },
        body: new Uint8Array(bytes),
      })
      expect(put.status).toBe(201)
    }
    const put = await fetch(`${base}/v2/test/busybox/manifests/${tag}`, {
      method: 'PUT',
      headers: { ...headers, 'content-type': built.manifest.mediaType },
      body: new Uint8Array(built.manifest.bytes),
    })
    expect(put.status).toBe(201)
  }

  it('gives back the busybox image that was pushed to it', async () => {
    const server = await started('')
    try {
      const built = await builtBusyboxImage({ files: [{ path: 'hello', content: 'world' }] })
      await push(server.base, '1', built)
      const store = await opened()
      const { digest } = await store.pull(`${server.address}/test/busybox:1`)
      expect(digest).toBe(built.manifest.digest)
      expect(readFileSync(join(await rootOf(store, digest), 'hello'), 'utf8')).toBe('world')
      await expect(store.pull(`${server.address}/test/busybox:2`)).rejects.toMatchObject({ kind: 'not-found' })
      await expect(store.pull(`${server.address}/nope:1`)).rejects.toMatchObject({ kind: 'not-found' })
    } finally {
      await server.stop()
    }
  })

  it('asks for name and password', async () => {
    // bcrypt of "secret" with the fewest rounds, as the C library makes it.
    const hash = execFileSync('perl', ['-e', "print crypt('secret', '$2y$04$abcdefghijklmnopqrstuu')"]).toString()
    writeFileSync(join(data, 'htpasswd'), `me:${hash}\n`)
    const server = await started(`auth:\n  htpasswd:\n    realm: test\n    path: ${join(data, 'htpasswd')}\n`)
    try {
      const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`
      await push(server.base, '1', image, { authorization })
      const store = await opened()
      await expect(store.pull(`${server.address}/test/busybox:1`)).rejects.toMatchObject({ kind: 'denied' })
      const pulled = await store.pull(`${server.address}/test/busybox:1`, { username: 'me', password: 'secret' })
      expect(pulled.digest).toBe(image.manifest.digest)
    } finally {
      await server.stop()
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
