// The edge: a small process of its own that holds the sockets tasks talk to, so that a control plane that is killed or
// restarted costs them no question. Started by edge-client.ts; ends when told to or when its directory is gone.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '#base/clock.ts'
import { isFault } from '#base/fault.ts'
import { jsonLog } from '#base/log.ts'
import { systemRandom } from '#base/random.ts'
import { statsReader } from '#engine/linux/stats-reader.ts'
import { storageReader } from '#engine/linux/storage-reader.ts'
import { clockError } from '#linux/clock-error.ts'
import { inProcessKernel } from '#linux/network-kernel-in-process.ts'
import type { LinkCounters } from '#linux/network-kernel.ts'
import { metadataAnswers } from '../metadata/metadata.ts'
import { Forwarder, hostUpstreams, type Forward } from '../resolver/forwarder.ts'
import { Resolver } from '../resolver/resolver.ts'
import type { Zone } from '../resolver/zone.ts'
import { socketPath, type EdgeVpc, type VpcResolver } from './contract.ts'
import { controlSocket } from './control-socket.ts'
import { Edge } from './edge.ts'
import { Front } from './front.ts'
import { Questions } from './questions.ts'
import { Relays } from './relays.ts'

/** How soon an edge ends that nobody could ever reach again. */
const ORPHAN_SECONDS = 30

const { values } = parseArgs({ options: { 'run-dir': { type: 'string' }, instance: { type: 'string' } } })
const { 'run-dir': runDir, instance } = values
if (runDir === undefined || instance === undefined) throw new Error('--run-dir or --instance is missing')

const clock = systemClock
const log = jsonLog(() => clock.now())

const zoneOf = ({ region, cidrs, apiAddress, privateZones, records }: EdgeVpc): Zone => {
  return { region, cidrs, apiAddress, privateZones, records }
}

/** Nothing leaves before a client has said that it may. */
let isEgressAllowed = false
const hostForwarder = new Forwarder({ clock, random: systemRandom, servers: hostUpstreams })
const forwarder: Forward = {
  ask: async (bytes, query, transport) => (isEgressAllowed ? hostForwarder.ask(bytes, query, transport) : undefined),
}

const resolverFor = (vpc: EdgeVpc): VpcResolver => {
  const resolver = new Resolver({ clock, forwarder }, zoneOf(vpc))
  return {
    answer: (bytes, source, transport) => resolver.answer(bytes, source, transport),
    update: (changed) => {
      resolver.zone = zoneOf(changed)
    },
  }
}

/** What passed a task's own interface; its namespace is pinned beside its router's. */
const readNetwork = async (interfaceId: string): Promise<LinkCounters | undefined> => {
  try {
    const task = await inProcessKernel.open(join(runDir, 'netns', interfaceId))
    try {
      return await task.linkCounters('eth0')
    } finally {
      task.close()
    }
  } catch (error) {
    // It was detached a moment ago.
    if (isFault(error, 'not-found')) return undefined
    throw error
  }
}

const questions = new Questions(clock)
const answerMetadata = metadataAnswers({
  clock,
  askAgent: (question) => questions.ask(question),
  readStats: statsReader(instance, clock),
  readNetwork,
  readStorage: storageReader(runDir),
  readClockError: clockError,
})

const edge = new Edge({ log, answerMetadata, resolverFor })
const front = new Front({ clock })
const relays = new Relays({ clock })
const shutDown = (): void => {
  edge.close()
  front.close()
  relays.close()
  process.exit(0)
}
const onEgress = (allowed: boolean): void => {
  isEgressAllowed = allowed
}
const server = await controlSocket({ runDir, edge, front, relays, questions, log, onShutDown: shutDown, onEgress })
if (server === undefined) process.exit(0)
log.info('edge-listens', { runDir })

// A terminal that closes, or a Ctrl-C meant for the control plane, is no reason to leave tasks without names.
for (const signal of ['SIGHUP', 'SIGINT'] as const) process.on(signal, () => {})
process.on('SIGTERM', shutDown)

while (existsSync(socketPath(runDir))) await clock.sleep(ORPHAN_SECONDS)
shutDown()
