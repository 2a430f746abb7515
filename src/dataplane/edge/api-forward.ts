// Carries connections from inside a VPC to Neargate's API on the host, so that SDKs in tasks work without any egress.

import { connect, createServer, type Server } from 'node:net'
import { pipeline } from 'node:stream'
import { listeningSocket } from '#linux/network-socket.ts'
import type { EdgeEndpoint, EdgeVpc } from './contract.ts'
import * as limits from './limits.ts'
import { limitPerSource } from './per-source.ts'

/** What SDKs in tasks are told; the host's own port may be another one. */
const PORT = 4566
const LOOPBACK = '127.0.0.1'

/** At the interface of an endpoint, as AWS's services listen; there is no certificate for port 443. */
const ENDPOINT_PORT = 80

/** For tasks, at an address of the router's. */
export const apiForward = ({ namespacePath, apiAddress, apiPort }: EdgeVpc): Server =>
  forward(namespacePath, apiAddress, PORT, apiPort)

/** For whoever the groups of an endpoint let in. */
export const endpointForward = ({ namespacePath, address }: EdgeEndpoint, apiPort: number): Server =>
  forward(namespacePath, address, ENDPOINT_PORT, apiPort)

const forward = (namespacePath: string, address: string, port: number, apiPort: number): Server => {
  const server = createServer({ allowHalfOpen: true }, (inside) => {
    const api = connect({ host: LOOPBACK, port: apiPort, allowHalfOpen: true })
    for (const socket of [inside, api]) {
      socket.setNoDelay()
      socket.setTimeout(limits.FORWARD_IDLE_SECONDS * 1000, () => socket.destroy())
    }
    // Whichever side ends or breaks, the other one learns it; there is nobody else to tell.
    pipeline(inside, api, (error) => error === null || error === undefined || inside.destroy())
    pipeline(api, inside, (error) => error === null || error === undefined || api.destroy())
  })
  limitPerSource(server, limits.FORWARDED_CONNECTIONS_PER_SOURCE)
  server.listen({ fd: listeningSocket(namespacePath, address, port) })
  return server
}
