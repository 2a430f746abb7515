// Goal: a port is taken where a program listens on it at all addresses, and nowhere else.

import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { portsAtAllAddresses, takenPorts } from './taken-ports.ts'

const line = (local: string, state: string): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 12345 1 0 100 0 0 10 0`

it('is read from what the kernel says', () => {
  const text = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    line('00000000:0050', '0A'),
    line('0100007F:1F90', '0A'),
    line('00000000:0051', '01'),
    line('00000000000000000000000000000000:01BB', '0A'),
    '',
  ].join('\n')
  expect(portsAtAllAddresses(text)).toEqual([80, 443])
})

it('is found while somebody listens', async () => {
  const server = createServer()
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '0.0.0.0', () => resolve((server.address() as { port: number }).port))
  })
  expect(takenPorts().has(port)).toBe(true)
  await new Promise((resolve) => server.close(resolve))
  expect(takenPorts().has(port)).toBe(false)
})
