// Lines of JSON over a socket, with a bound on their length.

import type { Socket } from 'node:net'

/** Calls `onLine` for every line, parsed; destroys the socket over a line that is too long or no JSON. */
export const readLines = (socket: Socket, limitBytes: number, onLine: (value: unknown) => void): void => {
  let parts: Buffer[] = []
  let waiting = 0
  socket.on('data', (bytes: Buffer) => {
    let rest = bytes
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = Buffer.concat([...parts, rest.subarray(0, end)]).toString('utf8')
      parts = []
      waiting = 0
      rest = rest.subarray(end + 1)
      try {
        onLine(JSON.parse(line))
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)))
        return
      }
    }
    waiting += rest.length
    if (waiting > limitBytes) socket.destroy(new Error('a line is too long'))
    else if (rest.length > 0) parts.push(rest)
  })
}

export const writeLine = (socket: Socket, value: unknown): void => {
  socket.write(`${JSON.stringify(value)}\n`)
}
