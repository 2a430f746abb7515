// A small TCP pump for the network benchmark, started inside of a namespace: `serve PORT`, `stream HOST PORT SECONDS`
// (prints bytes that were sent), `connect HOST PORT SECONDS` (prints connections that got their byte).

import { connect, createServer } from 'node:net'

const [verb, ...args] = process.argv.slice(2)
const CHUNK = Buffer.alloc(1024 * 1024)
const AT_ONCE = 4

const serve = (port: number): void => {
  createServer((socket) => {
    socket.on('error', () => socket.destroy())
    // What comes is read and thrown away; a client that only connects waits for one byte.
    socket.resume().write('!')
  }).listen(port, '0.0.0.0', () => process.stdout.write('ready'))
}

const stream = (host: string, port: number, seconds: number): void => {
  const socket = connect(port, host, () => {
    const start = performance.now()
    const push = (): void => {
      while (performance.now() - start < seconds * 1000) if (!socket.write(CHUNK)) return
      process.stdout.write(`${socket.bytesWritten - socket.writableLength}`)
      socket.destroy()
    }
    socket.on('drain', push)
    push()
  })
}

const connections = (host: string, port: number, seconds: number): void => {
  const start = performance.now()
  let count = 0
  let open = 0
  const next = (): void => {
    if (performance.now() - start >= seconds * 1000) {
      if (open === 0) process.stdout.write(`${count}`)
      return
    }
    open++
    const socket = connect(port, host)
    socket.once('data', () => {
      count++
      // A reset leaves no port in TIME_WAIT: ports would run out before the second is over.
      socket.resetAndDestroy()
    })
    socket.once('close', () => {
      open--
      next()
    })
  }
  for (let lane = 0; lane < AT_ONCE; lane++) next()
}

const [host = '', port = '', seconds = ''] = args
if (verb === 'serve') serve(Number(host))
else if (verb === 'stream') stream(host, Number(port), Number(seconds))
else connections(host, Number(port), Number(seconds))
