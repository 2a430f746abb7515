// GET /_neargate/load-balancers: where a load balancer answers, for people and programs on this machine.

import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { listenersOf, loadBalancers } from '#apis/elbv2/tables.ts'
import type { Route } from '#apiserver/route.ts'
import { AwsError } from '#aws/refusal.ts'
import type { Store } from '#store/store.ts'
import { json, PREFIX } from './answers.ts'

export interface LoadBalancerPlace {
  readonly arn: string
  readonly name: string
  readonly dnsName: string
  readonly state: string
  /** Why it is impaired or failed. */
  readonly reason?: string
  /** From the machine that it runs on; none where it is internal. */
  readonly urls: readonly string[]
  /** Inside its VPC, and from where public addresses are routed. */
  readonly addresses: readonly string[]
}

const SCHEMES: Readonly<Record<string, string>> = { HTTP: 'http', HTTPS: 'https', TCP: 'tcp', TLS: 'tls' }

const isMeant = (record: LoadBalancerRecord, of: string): boolean =>
  !record.spec.deleteRequested && (record.arn === of || record.name === of || record.dnsName === of)

/** Query: "of", a load balancer's name, ARN or DNS name. */
export const loadBalancersRoute = ({ store }: { readonly store: Store }): Route => ({
  method: 'GET',
  path: `${PREFIX}load-balancers`,
  handle: async ({ query }, caller) => {
    const of = query.get('of') ?? ''
    const place = await store.read(async (reader): Promise<LoadBalancerPlace | undefined> => {
      const all = await reader.list(loadBalancers)
      const record = all.find((one) => one.scope.account === caller?.account && isMeant(one, of))
      if (record === undefined) return undefined
      const { state, reason, addresses, hostAddress } = record.status
      const listeners = await listenersOf(reader, record.arn)
      return {
        arn: record.arn,
        name: record.name,
        dnsName: record.dnsName,
        state,
        ...(reason === undefined ? {} : { reason }),
        urls:
          hostAddress === undefined
            ? []
            : listeners.flatMap(({ spec: { protocol, port } }) =>
                SCHEMES[protocol] === undefined ? [] : [`${SCHEMES[protocol]}://${hostAddress}:${port}`],
              ),
        addresses: addresses.flatMap(({ publicIp, privateIp }) => [
          ...(publicIp === undefined ? [] : [publicIp]),
          privateIp,
        ]),
      }
    })
    if (place === undefined) throw new AwsError('LoadBalancerNotFound', `Load balancers '[${of}]' not found`)
    return json(place)
  },
})
