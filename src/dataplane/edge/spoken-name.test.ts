// Goal: the name is found as soon as it has come, and nothing that a client sends is waited for without end.

import { createServer } from 'node:net'
import { connect } from 'node:tls'
import { expect, it } from 'vitest'
import { FIRST_BYTES } from './limits.ts'
import { spokenName } from './spoken-name.ts'

const spoken = (text: string) => spokenName(Buffer.from(text, 'latin1'))

/** What a real client says first. */
const hello = (servername: string): Promise<Buffer> =>
  new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (bytes) => {
        resolve(bytes)
        socket.destroy()
        server.close()
      })
    }).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      connect({ host: '127.0.0.1', port, servername }).on('error', () => {})
    })
  })

it.each<[text: string, found: ReturnType<typeof spokenName>]>([
  ['', 'more'],
  ['GE', 'more'],
  ['GET / HTTP/1.1\r\nHo', 'more'],
  ['GET / HTTP/1.1\r\nHost: web.local', 'more'],
  ['GET / HTTP/1.1\r\nHost: Web.localhost:80\r\n', { isHttp: true, name: 'web.localhost' }],
  ['POST /a HTTP/1.1\r\nAccept: */*\r\nhost:shop.localhost\r\n\r\nHost: no', { isHttp: true, name: 'shop.localhost' }],
  ['GET / HTTP/1.0\r\n\r\nHost: body.localhost\r\n', { isHttp: true }],
  ['\0\0\0\x08\x04\xd2\x16\x2f', { isHttp: false }],
  ['hello', { isHttp: false }],
])('%j', (text, found) => {
  expect(spoken(text)).toEqual(found)
})

it('is found in a TLS greeting, and not before all of it has come', async () => {
  const bytes = await hello('shop.eu-west-1.elb.localhost')
  expect(spokenName(bytes)).toEqual({ isHttp: false, name: 'shop.eu-west-1.elb.localhost' })
  for (const part of [1, 5, 40, 60]) expect(spokenName(bytes.subarray(0, part))).toBe('more')
})

it('survives any greeting that is cut or bent', async () => {
  const bytes = await hello('shop.localhost')
  for (let at = 0; at < bytes.length; at++) {
    const bent = Buffer.from(bytes)
    bent[at] = (bent[at] ?? 0) ^ 0xff
    expect(() => spokenName(bent)).not.toThrow()
  }
})

it('is not waited for without end', () => {
  expect(spoken(`GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(FIRST_BYTES / 6 + 1)}`)).toEqual({ isHttp: false })
  expect(spokenName(Buffer.concat([Buffer.from([0x16, 3, 1, 0xff, 0xff]), Buffer.alloc(FIRST_BYTES, 1)]))).toEqual({
    isHttp: false,
  })
})
