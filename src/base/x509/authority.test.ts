// The authority: what it issues is believed by whoever trusts its root, and by nobody else.

import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer, type TLSSocket } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom, systemRandom } from '../random.ts'
import { SimulatedClock } from '../simulated-clock.ts'
import { systemClock } from '../clock.ts'
import { newAuthority, openAuthority, rootCertificatePath } from './authority.ts'

const world = { clock: systemClock, random: systemRandom }
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'neargate-authority-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const pair = (type: 'ec' | 'rsa') =>
  type === 'ec'
    ? generateKeyPairSync('ec', { namedCurve: 'P-384' })
    : generateKeyPairSync('rsa', { modulusLength: 2048 })

/** Resolves to whether a TLS client that trusts `ca` believes the server to be `servername`. */
const isBelieved = async (
  served: { readonly cert: string; readonly key: string },
  client: { readonly ca: string; readonly servername: string },
): Promise<boolean> => {
  const server = createServer(served, (socket: TLSSocket) => socket.end())
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    return await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', ...client }, () => resolve(socket.authorized))
      socket.on('error', () => resolve(false))
      socket.on('secureConnect', () => socket.destroy())
    })
  } finally {
    server.close()
  }
}

describe('the authority', () => {
  it.each(['ec', 'rsa'] as const)(
    'issues for %s keys what a TLS client believes, for the names it is for',
    async (type) => {
      const authority = newAuthority(world)
      const { publicKey, privateKey } = pair(type)
      const cert = authority.issue(publicKey, ['example.com', '*.example.com'], 30)
      const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
      const ca = authority.rootPem
      expect(await isBelieved({ cert, key }, { ca, servername: 'example.com' })).toBe(true)
      expect(await isBelieved({ cert, key }, { ca, servername: 'www.example.com' })).toBe(true)
      expect(await isBelieved({ cert, key }, { ca, servername: 'example.org' })).toBe(false)
      const other = newAuthority(world).rootPem
      expect(await isBelieved({ cert, key }, { ca: other, servername: 'example.com' })).toBe(false)
    },
  )

  it('signs with its root, and the root with itself', () => {
    const authority = newAuthority(world)
    const root = new X509Certificate(authority.rootPem)
    const leaf = new X509Certificate(authority.issue(pair('ec').publicKey, ['a.test'], 30))
    expect(root.ca).toBe(true)
    expect(leaf.ca).toBe(false)
    expect(root.verify(root.publicKey)).toBe(true)
    expect(leaf.verify(root.publicKey)).toBe(true)
    expect(leaf.checkIssued(root)).toBe(true)
    expect(leaf.subject).toBe('CN=a.test')
    expect(leaf.subjectAltName).toBe('DNS:a.test')
  })

  it('makes certificates valid from an hour ago, and past 2049', () => {
    const authority = newAuthority({ clock: new SimulatedClock('2049-12-31T00:30:00Z'), random: seededRandom(1) })
    const leaf = new X509Certificate(authority.issue(pair('ec').publicKey, ['a.test'], 30))
    expect(leaf.validFromDate.toISOString()).toBe('2049-12-30T23:30:00.000Z')
    expect(leaf.validToDate.toISOString()).toBe('2050-01-30T00:30:00.000Z')
  })

  it('gives each certificate another serial number', () => {
    const authority = newAuthority(world)
    const { publicKey } = pair('ec')
    const serials = Array.from(
      { length: 20 },
      () => new X509Certificate(authority.issue(publicKey, ['a.test'], 1)).serialNumber,
    )
    expect(new Set(serials).size).toBe(20)
  })

  it('is the same after a restart, and its key is for its owner only', () => {
    const first = openAuthority(folder, world)
    const second = openAuthority(folder, world)
    expect(second.rootPem).toBe(first.rootPem)
    const leaf = new X509Certificate(second.issue(pair('ec').publicKey, ['a.test'], 1))
    expect(leaf.verify(createPublicKey(first.rootPem))).toBe(true)
    expect(leaf.checkIssued(new X509Certificate(first.rootPem))).toBe(true)
    expect(statSync(join(rootCertificatePath(folder), '../root.key')).mode & 0o777).toBe(0o600)
  })
})
