// Talks to a running instance: AWS's JSON APIs, and Neargate's own routes under /_neargate/.

import { systemClock } from '#base/clock.ts'
import type { Config } from '#config.ts'
import { CliError } from './command.ts'
import { requireServer, rootCredentials } from './instance.ts'
import { hashOf, signedHeaders } from './signature.ts'

const TARGETS = {
  ecs: 'AmazonEC2ContainerServiceV20141113',
  logs: 'Logs_20140328',
} as const

const VERSIONS = {
  ec2: '2016-11-15',
  elasticloadbalancing: '2015-12-01',
  iam: '2010-05-08',
  sts: '2011-06-15',
} as const

export interface Client {
  /** One operation of an AWS JSON API; an AWS error becomes a CliError with its code and message. */
  aws<T>(api: keyof typeof TARGETS, operation: string, input: unknown): Promise<T>
  /** One operation of an AWS query API; resolves to the XML as it came. */
  query(api: keyof typeof VERSIONS, action: string, parameters?: Readonly<Record<string, string>>): Promise<string>
  /** One of Neargate's own routes. */
  own(method: string, path: string, body?: AsyncIterable<Uint8Array>): Promise<unknown>
}

export const clientFor = (config: Config): Client => {
  const server = requireServer(config)
  const credentials = rootCredentials(config)

  const send = async (
    method: string,
    path: string,
    service: string,
    headers: Record<string, string>,
    body: string | AsyncIterable<Uint8Array> | undefined,
  ): Promise<Response> => {
    const url = new URL(path, server.endpoint)
    const bodyHash = typeof body === 'string' || body === undefined ? hashOf(body ?? '') : 'UNSIGNED-PAYLOAD'
    const signed = signedHeaders(
      { ...credentials, region: config.region, service },
      { method, url, headers, bodyHash },
      systemClock.now(),
    )
    delete signed['host']
    try {
      return await fetch(url, {
        method,
        headers: signed,
        ...(body === undefined ? {} : { body: body as string, duplex: 'half' }),
      })
    } catch (error) {
      throw new CliError(
        `${server.endpoint} does not answer (${error instanceof Error ? error.message : 'no reason given'}). See: neargate status`,
      )
    }
  }

  return {
    aws: async <T>(api: keyof typeof TARGETS, operation: string, input: unknown): Promise<T> => {
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${TARGETS[api]}.${operation}` }
      const response = await send('POST', '/', api, headers, JSON.stringify(input))
      const answer = (await response.json()) as Record<string, unknown>
      if (!response.ok) {
        throw new CliError(
          `${operation}: ${String(answer['__type'])}: ${String(answer['message'] ?? answer['Message'])}`,
        )
      }
      return answer as T
    },
    query: async (api, action, parameters = {}) => {
      const form = new URLSearchParams({ Action: action, Version: VERSIONS[api], ...parameters })
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const response = await send('POST', '/', api, headers, form.toString())
      const answer = await response.text()
      if (!response.ok) throw new CliError(`${action}: ${/<Message>([^<]*)/.exec(answer)?.[1] ?? answer.slice(0, 500)}`)
      return answer
    },
    own: async (method, path, body) => {
      const response = await send(method, path, 'neargate', {}, body)
      const text = await response.text()
      const answer: unknown = text === '' ? undefined : JSON.parse(text)
      if (!response.ok) {
        const message = (answer as { message?: string } | undefined)?.message
        throw new CliError(message ?? `${method} ${path} answered ${response.status}`)
      }
      return answer
    },
  }
}
