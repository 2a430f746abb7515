// Bounds how many connections one task holds, so that it cannot use up what its neighbours need.

import type { Server, Socket } from 'node:net'

/** Refuses connections above `limit` from one address; the others do not notice. */
export const limitPerSource = (server: Server, limit: number): void => {
  const counts = new Map<string, number>()
  server.prependListener('connection', (socket: Socket) => {
    const source = socket.remoteAddress ?? ''
    const count = (counts.get(source) ?? 0) + 1
    counts.set(source, count)
    socket.once('close', () => {
      const left = (counts.get(source) ?? 1) - 1
      if (left === 0) counts.delete(source)
      else counts.set(source, left)
    })
    if (count > limit) socket.destroy()
  })
}
