// Pulling from registries that misbehave.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { answerError } from './fake-registry.ts'
import { blobRequests, data, image, large, named, nothingIsLeft, opened, registry, rootOf, noise } from '#test/pulls.ts'

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
