// Goal: a client gets to the load balancer that it names, whatever it speaks, and to the only one without naming it.
// Method: the front on a free port of the loopback; plain servers in the place of load balancers, at addresses beside it.

import { createServer as createHttp, request } from 'node:http'
import { connect, createServer, type Server } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '#base/clock.ts'
import { Front } from './front.ts'

const [ONE, OTHER] = ['127.64.77.1', '127.64.77.2']
const servers: Server[] = []
let front: Front
let port: number

const listening = (server: Server, address: string, at = 0): Promise<number> =>
  new Promise((resolve, reject) => {
    servers.push(server)
    server.once('error', reject)
    server.listen(at, address, () => resolve((server.address() as { port: number }).port))
  })

const web = (name: string): Server =>
  createHttp((_request, response) => response.end(name)).setTimeout(0) as unknown as Server

const freePort = async (): Promise<number> => {
  const server = createServer()
  const at = await listening(server, '127.0.0.1')
  await new Promise((resolve) => server.close(resolve))
  return at
}

beforeEach(async () => {
  front = new Front({ clock: systemClock })
  port = await freePort()
})
afterEach(() => {
  front.close()
  for (const server of servers.splice(0)) server.close()
})

const both = () => [
  { name: 'web.eu-west-1.elb.localhost', port, address: ONE },
  { name: 'shop.eu-west-1.elb.localhost', port, address: OTHER },
]

const get = (host: string): Promise<{ readonly status: number; readonly text: string }> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, headers: { host }, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sent.on('error', reject).end()
  })

it('leads to the one whose name a request has, or a name below it', async () => {
  await listening(web('web'), ONE, port)
  await listening(web('shop'), OTHER, port)
  expect(await front.set(both())).toEqual([port])
  expect(await get(`web.eu-west-1.elb.localhost:${port}`)).toEqual({ status: 200, text: 'web' })
  expect(await get('Shop.eu-west-1.elb.localhost')).toEqual({ status: 200, text: 'shop' })
  expect(await get('api.shop.eu-west-1.elb.localhost')).toEqual({ status: 200, text: 'shop' })
  const refused = await get('localhost')
  expect(refused.status).toBe(421)
  expect(refused.text).toContain('web.eu-west-1.elb.localhost')
})

it('leads to the only one whatever is asked for, also who says nothing first', async () => {
  await listening(
    createServer((socket) => socket.end('welcome')),
    ONE,
    port,
  )
  await front.set(both().slice(0, 1))
  const greeting = await new Promise((resolve) => {
    connect(port, '127.0.0.1').once('data', (bytes) => resolve(bytes.toString()))
  })
  expect(greeting).toBe('welcome')
})

it('passes TLS on as it comes, by the name that the client shows', async () => {
  // What a TLS client says first reaches the one that it names.
  const heard = Promise.race(
    [ONE, OTHER].map(
      (address) =>
        new Promise<string>((resolve) => {
          void listening(
            createServer((socket) => {
              socket.on('error', () => {})
              socket.once('data', (bytes) => {
                resolve(`${address} ${bytes[0]}`)
                socket.destroy()
              })
            }),
            address,
            port,
          )
        }),
    ),
  )
  await front.set(both())
  const client = connectSecurely({ host: '127.0.0.1', port, servername: 'shop.eu-west-1.elb.localhost' })
  client.on('error', () => {})
  expect(await heard).toBe(`${OTHER} 22`)
})

it('does without a port that another program has, and takes it once it is free', async () => {
  const holder = createServer()
  await listening(holder, '127.0.0.1', port)
  expect(await front.set(both())).toEqual([])
  await new Promise((resolve) => holder.close(resolve))
  expect(await front.set(both())).toEqual([port])
  expect(await front.set([])).toEqual([])
})
