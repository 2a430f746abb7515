// An API server on a port of its own, for tests: every protocol, small APIs, two access keys.

import { join } from 'node:path'
import type { Api } from '#aws/operation.ts'
import { systemClock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { systemRandom } from '#base/random.ts'
import { createApiServer, type ApiServerOptions } from '#apiserver/server.ts'

export const KEY = { accessKeyId: 'AKIDTEST', secretAccessKey: 'c2VjcmV0' }
export const TEMPORARY_KEY = {
  accessKeyId: 'ASIATEST',
  secretAccessKey: 'c2Vzc2lvbg',
  sessionToken: 'token/of+a=session',
}
export const EXPIRED_KEY = { accessKeyId: 'ASIAEXPIRED', secretAccessKey: 'b2xk', sessionToken: 'old' }
export const ACCOUNT = '111122223333'

const caller = { account: ACCOUNT, arn: ['arn', 'aws:iam::111122223333:root'].join(':'), userId: ACCOUNT }

export interface Logged {
  readonly event: string
  readonly error: unknown
  readonly fields: Readonly<Record<string, unknown>>
}

export interface Started {
  readonly endpoint: string
  readonly port: number
  /** What the server reported as a bug of ours. */
  readonly bugs: Logged[]
  close(): Promise<void>
}

/** What operations here need of a Call is only what the server itself puts there. */
const unused = undefined as never

export const started = async (apis: readonly Api[], options: Partial<ApiServerOptions> = {}): Promise<Started> => {
  const bugs: Logged[] = []
  const log: Log = {
    info: () => {},
    warn: () => {},
    bug: (event, error, fields = {}) => void bugs.push({ event, error, fields }),
  }
  const server = createApiServer({
    apis,
    store: unused,
    logs: unused,
    clock: systemClock,
    random: systemRandom,
    log,
    settings: { mode: 'strict', stoppedTaskRetentionSeconds: 3600, endpoint: '' },
    vault: unused,
    authority: unused,
    credentials: {
      find: async (id) => {
        if (id === KEY.accessKeyId) return { secret: KEY.secretAccessKey, caller }
        const key = [TEMPORARY_KEY, EXPIRED_KEY].find(({ accessKeyId }) => accessKeyId === id)
        if (key === undefined) return undefined
        const expiresAt = new Date(key === EXPIRED_KEY ? '2020-01-01' : '2100-01-01')
        return { secret: key.secretAccessKey, caller, sessionToken: key.sessionToken, expiresAt }
      },
    },
    auth: 'on',
    account: ACCOUNT,
    strictOutput: true,
    modelFolders: [join(import.meta.dirname, 'fixtures/models')],
    ...options,
  })
  const { port } = await server.listen(0, '127.0.0.1')
  return { endpoint: `http://127.0.0.1:${port}`, port, bugs, close: () => server.close() }
}
