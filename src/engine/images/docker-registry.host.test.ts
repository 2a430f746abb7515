// Pulling from docker-registry, the program.

import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { builtBusyboxImage, type BuiltImage } from './busybox-image.ts'
import { data, freePort, image, opened, rootOf } from '#test/pulls.ts'

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
