// An HTTP endpoint in place of the function that a lifecycle hook names: it keeps what it was asked.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HookEndpoint {
  readonly url: string
  /** What CodeDeploy sent, oldest first. */
  readonly asked: readonly { readonly DeploymentId: string; readonly LifecycleEventHookExecutionId: string }[]
  readonly close: () => void
}

export const openHookEndpoint = async (): Promise<HookEndpoint> => {
  const asked: HookEndpoint['asked'][0][] = []
  const server = createServer((incoming, response) => {
    let text = ''
    incoming.on('data', (chunk) => (text += String(chunk)))
    incoming.on('end', () => {
      asked.push(JSON.parse(text) as (typeof asked)[0])
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return { url, asked, close: () => server.close() }
}
