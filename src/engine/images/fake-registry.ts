// A registry for tests: it speaks the distribution protocol over loopback, and misbehaves as it is told to.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Blob, BuiltImage } from './busybox-image.ts'
import { digestOf } from './manifest.ts'

/** Called before a request is served; returning true means that it has been answered (or left hanging). */
export type Mischief = (request: IncomingMessage, response: ServerResponse, path: string) => boolean | void

export interface FakeRegistry {
  /** "127.0.0.1:port" */
  readonly address: string
  /** "GET /v2/…" in the order they came. */
  readonly requests: string[]
  push(repository: string, tag: string, image: BuiltImage): void
  /** Any manifest or index. Returns its digest. */
  putManifest(repository: string, names: readonly string[], mediaType: string, bytes: Buffer): string
  putBlob(bytes: Buffer): string
  misbehave(mischief: Mischief): void
  close(): Promise<void>
}

export const startFakeRegistry = async (): Promise<FakeRegistry> => {
  const manifests = new Map<string, { readonly mediaType: string; readonly bytes: Buffer }>()
  const blobs = new Map<string, Buffer>()
  const requests: string[] = []
  let mischief: Mischief = () => false
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? ''
    requests.push(`${request.method} ${path}`)
    if (mischief(request, response, path) === true) return
    const [, repository, kind, name = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? []
    const manifest = kind === 'manifests' ? manifests.get(`${repository}/${name}`) : undefined
    const bytes = manifest?.bytes ?? (kind === 'blobs' ? blobs.get(name) : undefined)
    if (bytes === undefined) {
      answerError(response, 404, 'MANIFEST_UNKNOWN', 'manifest unknown')
      return
    }
    const from = Number(/^bytes=([0-9]+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    response.writeHead(from > 0 ? 206 : 200, {
      'content-type': manifest?.mediaType ?? 'application/octet-stream',
      'content-length': bytes.length - from,
      'docker-content-digest': digestOf(bytes),
      ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
    })
    response.end(request.method === 'HEAD' ? undefined : bytes.subarray(from))
  }
  const server = createServer(serve)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const put = (blob: Blob): void => void blobs.set(blob.digest, blob.bytes)
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    push: (repository, tag, { manifest, config, layers }) => {
      for (const blob of [config, ...layers]) put(blob)
      for (const name of [tag, manifest.digest]) manifests.set(`${repository}/${name}`, manifest)
    },
    putManifest: (repository, names, mediaType, bytes) => {
      const digest = digestOf(bytes)
      for (const name of [...names, digest]) manifests.set(`${repository}/${name}`, { mediaType, bytes })
      return digest
    },
    putBlob: (bytes) => {
      blobs.set(digestOf(bytes), bytes)
      return digestOf(bytes)
    },
    misbehave: (next) => {
      mischief = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export const answerError = (response: ServerResponse, status: number, code: string, message: string): void => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ errors: [{ code, message }] }))
}
