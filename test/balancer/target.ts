// A web server for tests, one name per port: node target.ts ADDRESS PORT=NAME… It answers with its name.

import { createServer } from 'node:http'

const [address = '127.0.0.1', ...named] = process.argv.slice(2)
for (const one of named) {
  const [port, name = ''] = one.split('=')
  const server = createServer((request, response) => {
    const status = request.url === '/health' && name.startsWith('sick') ? 502 : 200
    if (request.url === '/slow') return void setTimeout(() => response.end(name), 1500)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ name, headers: request.headers, path: request.url }))
  })
  server.listen(Number(port), address)
}
process.stdout.write('listening\n')
