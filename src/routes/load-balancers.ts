// GET /_neargate/load-balancers: where a load balancer answers, for people and programs on this machine.

import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { localNames } from '#apis/elbv2/model/local-name.ts'
import { listenersOf, loadBalancers } from '#apis/elbv2/tables.ts'
import type { Route } from '#apiserver/route.ts'
import { AwsError } from '#aws/refusal.ts'
import type { Reader, Store } from '#store/store.ts'
import { json, PREFIX } from './answers.ts'

export interface ListenerPlace {
  readonly protocol: string
  readonly port: number
  /** From the machine that it runs on; absent where it answers nobody there. */
  readonly url?: string
  /** Another program of the machine has that port at all addresses: there is only the public address. */
  readonly isTaken?: boolean
  /** The same under its name below "localhost"; absent while another program has that port of 127.0.0.1. */
  readonly localUrl?: string
}

export interface LoadBalancerPlace {
  readonly arn: string
  readonly name: string
  readonly dnsName: string
  readonly scheme: 'internet-facing' | 'internal'
  readonly state: string
  /** Why it is impaired or failed. */
  readonly reason?: string
  /** By port. */
  readonly listeners: readonly ListenerPlace[]
  /** Those of the listeners, and nothing before it serves. */
  readonly urls: readonly string[]
  /** Inside its VPC, and from where public addresses are routed. */
  readonly addresses: readonly string[]
}

const SCHEMES: Readonly<Record<string, string>> = {
  HTTP: 'http',
  HTTPS: 'https',
  TCP: 'tcp',
  TCP_UDP: 'tcp',
  TLS: 'tls',
  UDP: 'udp',
}

const isMeant = (record: LoadBalancerRecord, of: string): boolean =>
  !record.spec.deleteRequested && (record.arn === of || record.name === of || record.dnsName === of)

const localNameOf = (all: readonly LoadBalancerRecord[], { arn }: LoadBalancerRecord): string | undefined =>
  [...localNames(all)].find(([, balancer]) => balancer.arn === arn)?.[0]

/** Refuses what is not there. `of`: a name, ARN or DNS name. */
export const namedLoadBalancer = (
  all: readonly LoadBalancerRecord[],
  account: string | undefined,
  of: string,
): LoadBalancerRecord => {
  const found = all.find((one) => one.scope.account === account && isMeant(one, of))
  if (found === undefined) throw new AwsError('LoadBalancerNotFound', `Load balancers '[${of}]' not found`)
  return found
}

/** What there is on the host: ports of 127.0.0.1, "address:port" for datagrams, and what other programs have. */
interface Served {
  readonly ports: readonly number[]
  readonly relays: readonly string[]
  readonly taken: ReadonlySet<number>
}

const placeOf = async (
  reader: Reader,
  record: LoadBalancerRecord,
  localName: string | undefined,
  served: Served,
): Promise<LoadBalancerPlace> => {
  const { state, reason, addresses, hostAddress } = record.status
  const publicIp = addresses.find((address) => address.publicIp !== undefined)?.publicIp
  const serves = state === 'active' || state === 'active_impaired'
  const listeners = (await listenersOf(reader, record.arn))
    .toSorted((a, b) => a.spec.port - b.spec.port)
    .map(({ spec: { protocol, port } }): ListenerPlace => {
      const scheme = SCHEMES[protocol]
      if (!serves || hostAddress === undefined || scheme === undefined) return { protocol, port }
      if (protocol === 'UDP') {
        const at = `${hostAddress}:${port}`
        return { protocol, port, ...(served.relays.includes(at) ? { url: `${scheme}://${at}` } : {}) }
      }
      if (served.taken.has(port)) {
        return {
          protocol,
          port,
          ...(publicIp === undefined ? {} : { url: `${scheme}://${publicIp}:${port}` }),
          isTaken: true,
        }
      }
      const hasName = localName !== undefined && served.ports.includes(port)
      return {
        protocol,
        port,
        url: `${scheme}://${hostAddress}:${port}`,
        ...(hasName ? { localUrl: `${scheme}://${localName}:${port}` } : {}),
      }
    })
  return {
    arn: record.arn,
    name: record.name,
    dnsName: record.dnsName,
    scheme: record.scheme,
    state,
    ...(reason === undefined ? {} : { reason }),
    listeners,
    urls: listeners.flatMap(({ url }) => url ?? []),
    addresses: addresses.flatMap(({ publicIp, privateIp }) => [
      ...(publicIp === undefined ? [] : [publicIp]),
      privateIp,
    ]),
  }
}

export interface LoadBalancersRouteOptions {
  readonly store: Store
  /** Ports of 127.0.0.1 that lead to load balancers by their names. */
  readonly frontPorts: () => Promise<readonly number[]>
  /** "address:port" of the host's loopback whose datagrams go to load balancers. */
  readonly relays: () => Promise<readonly string[]>
  /** Ports that other programs of this machine have at all addresses. */
  readonly takenPorts: () => ReadonlySet<number>
}

/** Query: "of", a load balancer's name, ARN or DNS name. */
export const loadBalancersRoute = ({ store, frontPorts, relays, takenPorts }: LoadBalancersRouteOptions): Route => ({
  method: 'GET',
  path: `${PREFIX}load-balancers`,
  handle: async ({ query }, caller) => {
    const of = query.get('of') ?? ''
    const served = { ports: await frontPorts(), relays: await relays(), taken: takenPorts() }
    const place = await store.read(async (reader): Promise<LoadBalancerPlace> => {
      const all = await reader.list(loadBalancers)
      const record = namedLoadBalancer(all, caller?.account, of)
      return placeOf(reader, record, localNameOf(all, record), served)
    })
    return json(place)
  },
})
