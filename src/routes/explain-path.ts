// Answers whether a packet gets from one place to another, and who decides: what `neargate explain-path` asks.

import { networkInterfaces, vpcs } from '#apis/ec2/tables.ts'
import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import { tasks } from '#apis/ecs/tables.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { loadBalancers } from '#apis/elbv2/tables.ts'
import type { Route } from '#apiserver/route.ts'
import { AwsError } from '#aws/refusal.ts'
import { plannedVpc } from '#controllers/network-interface/loaded-vpc.ts'
import { interfacePlan } from '#controllers/network-interface/plan.ts'
import { NEVER_OUTSIDE } from '#network/addresses.ts'
import { explainPath } from '#network/explain.ts'
import { hasAddress, isSameAddress } from '#network/explain-rules.ts'
import type { InterfacePlan } from '#network/network.ts'
import type { NetworkSnapshot, PathExplanation, PathQuestion } from '#network/path.ts'
import { addressValue, familyOf, holdsAddress, rangeOf } from '#network/ranges.ts'
import type { Reader, Store } from '#store/store.ts'
import { isFault } from '#base/fault.ts'
import { json, PREFIX } from './answers.ts'

/** One side of a path, once it is known what its name means. */
type Side =
  | { readonly kind: 'interface'; readonly plan: InterfacePlan }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'host' }

/** All that the words of a question may refer to. */
interface Known {
  readonly account: string | undefined
  readonly records: readonly NetworkInterfaceRecord[]
  readonly snapshot: NetworkSnapshot
  readonly taskArns: readonly string[]
  readonly balancers: readonly LoadBalancerRecord[]
}

export interface ExplainPathOptions {
  readonly store: Store
  readonly egress: boolean
  /** All addresses of this machine. */
  readonly hostAddresses: () => readonly string[]
}

const ECHO_REQUEST = { ip: 8, ip6: 128 } as const
const HIGHEST_PORT = 65_535

const refusal = (message: string): AwsError => new AwsError('InvalidPath', message)

const isAddress = (text: string): boolean => {
  try {
    addressValue(text)
    return true
  } catch (error) {
    if (isFault(error, 'invalid')) return false
    throw error
  }
}

const known = async (reader: Reader, options: ExplainPathOptions, account: string | undefined): Promise<Known> => {
  const records = await reader.list(networkInterfaces)
  const attached = records.filter(({ spec, status }) => spec.isAddressOnly !== true && status.state === 'attached')
  return {
    account,
    records,
    taskArns: (await reader.list(tasks)).filter(({ scope }) => scope.account === account).map(({ arn }) => arn),
    balancers: (await reader.list(loadBalancers)).filter(
      ({ scope, spec }) => scope.account === account && !spec.deleteRequested,
    ),
    snapshot: {
      vpcs: await Promise.all((await reader.list(vpcs)).map((vpc) => plannedVpc(reader, vpc))),
      interfaces: attached.map(interfacePlan),
      egressAllowed: options.egress,
      hostAddresses: options.hostAddresses(),
    },
  }
}

const attachedOf = ({ records, snapshot, account }: Known, id: string, name: string): Side => {
  const record = records.find((one) => one.id === id && one.scope.account === account)
  if (record === undefined) throw refusal(`there is no network interface ${id}`)
  const plan = snapshot.interfaces.find((one) => one.id === id)
  if (plan !== undefined) return { kind: 'interface', plan }
  throw refusal(`${name} has no attached network interface: no packet reaches it or comes from it`)
}

const ofTask = (all: Known, name: string): Side => {
  const arn = all.taskArns.find((one) => one === name || one.endsWith(`/${name}`))
  if (arn === undefined) throw refusal(`there is no task ${name}`)
  const record = all.records.find(({ spec }) => spec.ownerArn === arn)
  if (record === undefined) throw refusal(`task ${name} has no network interface: it has stopped, or not begun`)
  return attachedOf(all, record.id, `task ${name}`)
}

/** The interface that sends under an address, where one does. */
const senderOf = ({ snapshot, records, account }: Known, address: string): Side => {
  const own = new Set(records.filter(({ scope }) => scope.account === account).map(({ id }) => id))
  const found = snapshot.interfaces.filter(
    (plan) => own.has(plan.id) && (hasAddress(plan, address) || isSameAddress(plan.publicIp, address)),
  )
  const [plan, ...others] = found
  if (others.length > 0) {
    const names = found.map(({ id, vpcId }) => `${id} (${vpcId})`).join(', ')
    throw refusal(`several interfaces have ${address}, name one: ${names}`)
  }
  if (plan !== undefined) return { kind: 'interface', plan }
  if (NEVER_OUTSIDE.some((cidr) => holdsAddress(rangeOf(cidr), address)))
    throw refusal(`no attached network interface has ${address}`)
  return { kind: 'address', address }
}

/** It sends from the first of its interfaces, and answers at each. */
const ofBalancer = (all: Known, name: string): Side => {
  const balancer = all.balancers.find((one) => [one.arn, one.name, one.dnsName].includes(name))
  if (balancer === undefined) throw refusal(`${name} is no task, network interface, address or load balancer`)
  const [first] = balancer.status.addresses
  if (first === undefined) throw refusal(`load balancer ${name} has no network interface yet`)
  return attachedOf(all, first.networkInterfaceId, `load balancer ${name}`)
}

/** Load balancers have names and ARNs of their own; what is none of the other things may be one. */
const sideOf = (all: Known, name: string): Side => {
  if (name === 'host') return { kind: 'host' }
  if (isAddress(name)) return { kind: 'address', address: name }
  if (/^eni-[0-9a-f]+$/.test(name)) return attachedOf(all, name, name)
  if (/^[0-9a-f]{32}$/.test(name) || name.includes(':task/')) return ofTask(all, name)
  return ofBalancer(all, name)
}

/** Under which address the sender reaches an interface: inside a VPC under its own, from elsewhere under its public one. */
const destinationAddress = (from: Side, { vpcId, privateIp, publicIp, ipv6Address }: InterfacePlan): string => {
  const sender = from.kind === 'interface' ? from.plan : undefined
  if (from.kind === 'address' && familyOf(from.address) === 'ip6') return ipv6Address ?? privateIp
  if (sender?.vpcId === vpcId) return privateIp
  return publicIp ?? (sender?.ipv6Address === undefined ? privateIp : (ipv6Address ?? privateIp))
}

/** Without a protocol, a port means TCP, and none an echo request. */
const serviceOf = (query: URLSearchParams, to: string): Pick<PathQuestion, 'protocol' | 'port'> => {
  const [port, protocol] = [query.get('port'), query.get('protocol') ?? (query.has('port') ? 'tcp' : 'icmp')]
  if (protocol === 'icmp') {
    if (port !== null) throw refusal('icmp has no ports')
    return { protocol, port: ECHO_REQUEST[familyOf(to)] }
  }
  if (protocol !== 'tcp' && protocol !== 'udp') throw refusal(`${protocol} is none of tcp, udp and icmp`)
  if (port === null) throw refusal(`say to which port: ${protocol} needs one`)
  if (!/^[0-9]{1,5}$/.test(port) || Number(port) > HIGHEST_PORT) throw refusal(`${port} is no port`)
  return { protocol, port: Number(port) }
}

const asked = (query: URLSearchParams, all: Known): PathQuestion => {
  const [source, destination] = [query.get('source') ?? '', query.get('destination') ?? '']
  if (source === '' || destination === '') throw refusal('say from where to where')
  const named = sideOf(all, source)
  const from = named.kind === 'address' ? senderOf(all, named.address) : named
  const there = sideOf(all, destination)
  if (there.kind === 'host') throw refusal('tasks find no service of the machine itself, under any of its addresses')
  const to = there.kind === 'address' ? there.address : destinationAddress(from, there.plan)
  const sender =
    from.kind === 'interface'
      ? { interfaceId: from.plan.id }
      : from.kind === 'host'
        ? from.kind
        : { outside: from.address }
  return { from: sender, to, ...serviceOf(query, to) }
}

/** The answer to a question, in the words in which it was understood. */
export interface AnsweredPath extends PathExplanation, PathQuestion {}

export const explainPathRoute = (options: ExplainPathOptions): Route => ({
  method: 'GET',
  path: `${PREFIX}explain-path`,
  handle: async ({ query }, caller) => {
    const answer = await options.store.read(async (reader): Promise<AnsweredPath> => {
      const all = await known(reader, options, caller?.account)
      const question = asked(query, all)
      return { ...question, ...explainPath(all.snapshot, question) }
    })
    return json(answer)
  },
})
