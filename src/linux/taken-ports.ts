// Ports of this machine that a program listens on at all addresses: nobody else gets them at any address. proc(5), /proc/net/tcp.

import { readFileSync } from 'node:fs'

const LISTENS = '0A'

/** From the lines of /proc/net/tcp or tcp6. */
export const portsAtAllAddresses = (text: string): number[] =>
  text.split('\n').flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/)
    const port = /^0+:([0-9A-F]{4})$/.exec(local)?.[1]
    return port === undefined || state !== LISTENS ? [] : [Number.parseInt(port, 16)]
  })

const text = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    // Without IPv6 there is no such file.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

export const takenPorts = (): ReadonlySet<number> =>
  new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => portsAtAllAddresses(text(path))))
