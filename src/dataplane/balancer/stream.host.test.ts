// Goal: a Network Load Balancer hands connections on as they are: bytes both ways, TLS at its end or further, the client's
// address where that is wished, the same target for the same client. Method: real HAProxy, real sockets.

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { balancerPlan, forward, listener, PORT, streamGroup, when } from '#test/balancer/plans.ts'
import { BalancerWorld, TARGETS, type WorldServer } from '#test/balancer/world.ts'
import type { ActionPlan, BalancerPlan, GroupPlan, ListenerPlan } from './balancer.ts'

const TLS_PORT = 8443
const NAME = 'db.example.test'
const PATIENCE = { timeout: 60_000, interval: 20 }

let world: BalancerWorld
beforeEach(async () => {
  world = await BalancerWorld.open()
})
afterEach(() => world.close())

const plan = (groups: readonly GroupPlan[], more: Partial<ListenerPlan> = {}): BalancerPlan => {
  const rules = [when(forward(...groups.map(({ id }) => [id, 1] as const)))]
  return balancerPlan(world, groups, [listener(rules, { protocol: 'TCP', ...more })], {
    id: 'net-test',
    kind: 'network',
    idleTimeoutSeconds: 350,
  })
}

/** Says its name, then everything that it hears; ends when the other side does. */
const echo = (name: string): Promise<WorldServer> =>
  world.listen(
    createServer({ allowHalfOpen: true }, (socket) => {
      socket.write(`${name}:`)
      socket.on('data', (bytes) => socket.write(bytes))
      socket.on('end', () => socket.end('bye'))
    }),
  )

const opened = async (localAddress = '127.0.0.1'): Promise<Socket> => {
  const socket = connect({ host: world.hostAddress, port: PORT, localAddress, allowHalfOpen: true })
  await once(socket, 'connect')
  return socket
}

/** Until that much has been heard. */
const heard = async (socket: Socket | TLSSocket, length: number): Promise<string> => {
  let text = ''
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += String(chunk)
    if (text.length >= length) break
  }
  return text
}

const greeting = async (localAddress?: string): Promise<string> => {
  const socket = await opened(localAddress)
  const text = await heard(socket, 2)
  socket.destroy()
  return text
}

describe('a connection', () => {
  it('may rest as long as its listener says', async () => {
    await world.apply(plan([streamGroup('tg', [await echo('a')])], { idleTimeoutSeconds: 2 }))
    const socket = await opened()
    socket.on('error', () => {})
    let text = ''
    socket.on('data', (bytes: Buffer) => (text += bytes.toString()))
    await once(socket, 'end')
    expect(text).toMatch(/^a:/)
    socket.destroy()
  })

  it('ends when its target falls ill, where that is wished', async () => {
    const target = await echo('a')
    const asked = await echo('health')
    const tg = streamGroup('tg', [target], { endsConnectionsOfUnhealthy: true })
    await world.apply(plan([{ ...tg, healthCheck: { ...tg.healthCheck, port: asked.port } }]))
    const socket = await opened()
    socket.on('error', () => {})
    expect(await heard(socket, 2)).toBe('a:')
    const ended = once(socket, 'end')
    socket.resume()
    await asked.close()
    await ended
    socket.destroy()
  })

  it('stays when its target falls ill, where that is not wished', async () => {
    const target = await echo('a')
    const asked = await echo('health')
    const tg = streamGroup('tg', [target])
    await world.apply(plan([{ ...tg, healthCheck: { ...tg.healthCheck, port: asked.port } }]))
    const socket = await opened()
    expect(await heard(socket, 2)).toBe('a:')
    await asked.close()
    await expect.poll(async () => (await world.balancer().targets('net-test'))?.[0]?.health, PATIENCE).toBe('unhealthy')
    socket.write('still')
    expect(await heard(socket, 5)).toBe('still')
    socket.destroy()
  })

  it('goes to any target when fewer are healthy than are wished', async () => {
    const [a, b] = [await echo('a'), await echo('b')]
    const asked = await echo('health')
    const well = streamGroup('tg', [a])
    const sick = { ...b, isDraining: false }
    const checked = { ...well, healthCheck: { ...well.healthCheck, port: asked.port } }
    await world.apply(
      plan([{ ...checked, targets: [...well.targets, sick], leastHealthy: { count: 2, percentage: 60 } }]),
    )
    await asked.close()
    await expect
      .poll(async () => (await world.balancer().targets('net-test'))?.map(({ health }) => health), PATIENCE)
      .toEqual(['unhealthy', 'unhealthy'])
    const greeted = new Set<string>()
    for (let index = 0; index < 6; index++) greeted.add(await greeting())
    expect([...greeted].toSorted()).toEqual(['a:', 'b:'])
  })
})

describe('TCP', () => {
  it('carries bytes both ways, and one side’s end before the other’s', async () => {
    await world.apply(plan([streamGroup('tg', [await echo('a')])]))
    const socket = await opened()
    socket.write('hello')
    expect(await heard(socket, 7)).toBe('a:hello')
    socket.end('last')
    let rest = ''
    for await (const chunk of socket) rest += String(chunk)
    expect(rest).toBe('lastbye')
  })

  it('keeps open connections when other targets come and listeners change', async () => {
    const a = await echo('a')
    await world.apply(plan([streamGroup('tg', [a])]))
    const socket = await opened()
    expect(await heard(socket, 2)).toBe('a:')
    const changed = plan([streamGroup('tg', [a, await echo('b')])])
    await world.apply({ ...changed, idleTimeoutSeconds: 300 })
    socket.write('still')
    expect(await heard(socket, 5)).toBe('still')
    const leaving = streamGroup('tg', [], { targets: [{ ...a, isDraining: true }] })
    await world.balancer().apply(plan([leaving]))
    socket.write('here')
    expect(await heard(socket, 4)).toBe('here')
    socket.destroy()
  })

  it('goes to all targets when none takes connections for its checks', async () => {
    const a = await echo('a')
    const group = streamGroup('tg', [a])
    const check = { ...group.healthCheck, port: 9 }
    await world.apply(plan([{ ...group, healthCheck: check }]), 0)
    await expect.poll(() => greeting(), PATIENCE).toBe('a:')
    expect(await world.balancer().targets('net-test')).toMatchObject([
      { health: 'unhealthy', failure: { why: 'refused' } },
    ])
  })

  it('is shared by weight', async () => {
    const groups = [streamGroup('a', [await echo('a')]), streamGroup('b', [await echo('b')])]
    await world.apply(plan(groups))
    const both = new Set<string>()
    for (let index = 0; index < 60; index++) both.add(await greeting())
    expect([...both].toSorted()).toEqual(['a:', 'b:'])
    const rules = [when(forward(['a', 0], ['b', 1]))]
    await world.apply({ ...plan(groups), listeners: [listener(rules, { protocol: 'TCP' })] })
    for (let index = 0; index < 10; index++) expect(await greeting()).toBe('b:')
  })

  it('of one address goes to one target, where that is wished', async () => {
    const targets = [await echo('a'), await echo('b'), await echo('c')]
    const sticky = streamGroup('tg', targets, { stickiness: { by: 'source_ip' } })
    await world.apply(plan([sticky]))
    const addresses = ['127.0.0.11', '127.0.0.12', '127.0.0.13', '127.0.0.14', '127.0.0.15', '127.0.0.16']
    const first = new Map<string, string>()
    for (const address of addresses) first.set(address, await greeting(address))
    expect(new Set(first.values()).size).toBe(3)
    for (const address of addresses) expect([address, await greeting(address)]).toEqual([address, first.get(address)])
  })

  it('of one address goes to one group by weight, where that is wished', async () => {
    const groups = [streamGroup('a', [await echo('a')]), streamGroup('b', [await echo('b')])]
    const action = { ...forward(['a', 1], ['b', 1]), stickySeconds: 60 } as ActionPlan
    await world.apply({ ...plan(groups), listeners: [listener([when(action)], { protocol: 'TCP' })] })
    const addresses = Array.from({ length: 20 }, (_, index) => `127.0.0.${index + 11}`)
    const first = new Map<string, string>()
    for (const address of addresses) first.set(address, await greeting(address))
    expect(new Set(first.values()).size).toBe(2)
    for (const address of addresses) expect([address, await greeting(address)]).toEqual([address, first.get(address)])
  })

  it('begins with who connects, in proxy protocol version 2, where that is wished', async () => {
    const seen: Buffer[] = []
    const target = await world.listen(
      createServer((socket) =>
        socket.on('data', (bytes: Buffer) => {
          seen.push(bytes)
          if (bytes.includes('hello')) socket.end('ok')
        }),
      ),
    )
    await world.apply(plan([streamGroup('tg', [target], { proxyProtocolV2: true })]))
    const socket = await opened('127.0.0.21')
    const { localPort } = socket
    socket.write('hello')
    expect(await heard(socket, 2)).toBe('ok')
    const all = Buffer.concat(seen)
    const start = all.lastIndexOf(Buffer.from('0d0a0d0a000d0a515549540a', 'hex'))
    expect(start).toBeGreaterThanOrEqual(0)
    const header = all.subarray(start + 12)
    // Version 2, proxied; TCP over IPv4.
    expect(header.subarray(0, 2).toString('hex')).toBe('2111')
    expect([...header.subarray(4, 8)].join('.')).toBe('127.0.0.21')
    expect([...header.subarray(8, 12)].join('.')).toBe(world.hostAddress)
    expect([header.readUInt16BE(12), header.readUInt16BE(14)]).toEqual([localPort, PORT])
    expect(header.subarray(4 + header.readUInt16BE(2)).toString()).toBe('hello')
  })
})

describe('TLS', () => {
  const clientOf = async (root: string, ALPNProtocols: string[]): Promise<TLSSocket> => {
    const socket = connectTls({ host: world.hostAddress, port: TLS_PORT, servername: NAME, ca: root, ALPNProtocols })
    await once(socket, 'secureConnect')
    return socket
  }

  it('ends at the load balancer, which agrees on a protocol by its ALPN policy', async () => {
    const { root, pem } = world.certificate(NAME)
    const made = plan([streamGroup('tg', [await echo('a')])], {
      port: TLS_PORT,
      protocol: 'TLS',
      certificates: [{ id: 'one', pem }],
      alpn: ['h2', 'http/1.1'],
    })
    await world.apply(made)
    const preferred = await clientOf(root, ['http/1.1', 'h2'])
    expect(preferred.alpnProtocol).toBe('h2')
    preferred.write('hello')
    expect(await heard(preferred, 7)).toBe('a:hello')
    preferred.destroy()
    const older = await clientOf(root, ['http/1.1'])
    expect(older.alpnProtocol).toBe('http/1.1')
    older.destroy()
  })

  it('shows the certificate that the client names, and the first to others', async () => {
    const [one, other] = [world.certificate('one.test'), world.certificate('other.test')]
    const certificates = [
      { id: 'one', pem: one.pem },
      { id: 'other', pem: other.pem },
    ]
    await world.apply(plan([streamGroup('tg', [await echo('a')])], { port: TLS_PORT, protocol: 'TLS', certificates }))
    const shown = async (servername: string): Promise<string | undefined> => {
      const options = { host: world.hostAddress, port: TLS_PORT, servername, rejectUnauthorized: false }
      const socket = connectTls(options)
      await once(socket, 'secureConnect')
      const { subjectaltname } = socket.getPeerCertificate()
      socket.destroy()
      return subjectaltname
    }
    expect(await shown('other.test')).toBe('DNS:other.test')
    expect(await shown('one.test')).toBe('DNS:one.test')
    expect(await shown('nobody.test')).toBe('DNS:one.test')
  })

  it('goes on to targets that speak TLS themselves', async () => {
    const { root, pem } = world.certificate(NAME)
    const target = await world.listen(createTlsServer({ key: pem, cert: pem }, (socket) => socket.end('secret')))
    const group = streamGroup('tg', [target], { protocol: 'TLS' })
    await world.apply(plan([group], { port: TLS_PORT, protocol: 'TLS', certificates: [{ id: 'one', pem }] }))
    const socket = await clientOf(root, [])
    expect(await heard(socket, 6)).toBe('secret')
    socket.destroy()
    expect(target.address).toBe(TARGETS)
  })
})
