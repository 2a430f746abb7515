// How registries are told who is asking, and that nobody else is.

import { describe, expect, it } from 'vitest'
import { answerError, startFakeRegistry } from './fake-registry.ts'
import { tarOf } from './tar-writer.ts'
import { builtImage } from './test-image.ts'
import { failureOf, image, named, opened, registry } from '#test/pulls.ts'

describe('who is asking', () => {
  const basic = (user: string): string => `Basic ${Buffer.from(user).toString('base64')}`

  it('is told by name and password where the registry wants that', async () => {
    registry.push('team/app', '1', image)
    registry.misbehave((request, response) => {
      if (request.headers.authorization === basic('me:secret')) return false
      response.setHeader('www-authenticate', 'Basic realm="registry"')
      answerError(response, 401, 'UNAUTHORIZED', 'authentication required')
      return true
    })
    const store = await opened()
    const denied = 'pull access denied, repository does not exist or may require authorization: server message: '
    await expect(store.pull(named())).rejects.toMatchObject({
      kind: 'denied',
      message: `pull image manifest has been retried 1 time(s): failed to resolve ref ${named()}: ${denied}unauthorized: authentication required`,
    })
    await expect(store.pull(named(), { username: 'me', password: 'wrong' })).rejects.toMatchObject({ kind: 'denied' })
    const pulled = await store.pull(named(), { username: 'me', password: 'secret' })
    expect(pulled.digest).toBe(image.manifest.digest)
    // A copy is here now. It is not for those whom the registry would send away.
    await expect(store.pull(named())).rejects.toMatchObject({ kind: 'denied' })
  })

  it('is told by a token, fetched once for all layers and again when it has run out', async () => {
    const layers = Array.from({ length: 5 }, (_, at) => tarOf([{ path: `layer${at}`, content: 'x' }]))
    const many = builtImage({ tars: layers })
    registry.push('team/app', '1', many)
    let valid = 0
    const asked: unknown[] = []
    registry.misbehave((request, response, path) => {
      if (path.startsWith('/token')) {
        const url = new URL(path, 'http://x')
        const { scope, service } = Object.fromEntries(url.searchParams)
        asked.push({ scope, service, authorization: request.headers.authorization })
        valid += 1
        response.end(JSON.stringify({ token: `t${valid}`, expires_in: 300 }))
        return true
      }
      if (request.headers.authorization === `Bearer t${valid}` && valid > 0) {
        // The first token dies early, while layers are under way.
        if (!(valid === 1 && path.includes('/blobs/'))) return false
      }
      response.setHeader(
        'www-authenticate',
        `Bearer realm="http://${registry.address}/token",service="the, registry",scope="repository:team/app:pull"`,
      )
      answerError(response, 401, 'UNAUTHORIZED', 'authentication required')
      return true
    })
    const store = await opened()
    await store.pull(named(), { username: 'me', password: 'secret' })
    const question = { scope: 'repository:team/app:pull', service: 'the, registry', authorization: basic('me:secret') }
    expect(asked).toEqual([question, question])
    expect((await store.open(many.manifest.digest))?.layers).toHaveLength(5)
  })

  it('is not told to where the registry redirects', async () => {
    registry.push('team/app', '1', image)
    const elsewhere = await startFakeRegistry()
    elsewhere.push('team/app', '1', image)
    const seen: (string | undefined)[] = []
    elsewhere.misbehave((request) => void seen.push(request.headers.authorization))
    registry.misbehave((request, response, path) => {
      if (request.headers.authorization === undefined) {
        response.setHeader('www-authenticate', 'Basic realm="registry"')
        answerError(response, 401, 'UNAUTHORIZED', 'authentication required')
        return true
      }
      if (!path.includes('/blobs/')) return false
      response.writeHead(307, { location: `http://${elsewhere.address}${path}` }).end()
      return true
    })
    const store = await opened()
    await store.pull(named(), { username: 'me', password: 'secret' })
    expect(seen).toEqual([undefined, undefined])
    await elsewhere.close()
  })

  it('never shows up in a message', async () => {
    registry.misbehave((_request, response) => {
      response.writeHead(302, { location: `http://${registry.address}/x?signature=hidden` }).end()
      return true
    })
    const store = await opened()
    const messages: string[] = []
    for (
      let error: unknown = await failureOf(store.pull(named(), { username: 'me', password: 'hidden' }));
      error instanceof Error;
      error = error.cause
    ) {
      messages.push(`${error.stack ?? ''} ${JSON.stringify(error)}`)
    }
    expect(messages[0]).toContain('stopped after 5 redirects')
    expect(messages.join()).not.toContain('hidden')
  })
})
