// Builds everything from the configuration, once, in the order in which it is needed; the only file that sees all.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { ensureAccountDefaults, forgetAccountDefaults } from '#apis/account-defaults.ts'
import { certificateByArn } from '#apis/acm/tables.ts'
import { APIS } from '#apis/index.ts'
import { ALL_TABLES } from '#apis/tables.ts'
import { publicAddressShare } from '#apis/ec2/model/public-pool.ts'
import type { CredentialSource } from '#apiserver/credentials.ts'
import { createApiServer } from '#apiserver/server.ts'
import { type CertificateArn, rootArn } from '#aws/arn.ts'
import type { Api, Call, Operation, Settings } from '#aws/operation.ts'
import type { Clock } from '#base/clock.ts'
import { Fault } from '#base/fault.ts'
import type { Log } from '#base/log.ts'
import type { Random } from '#base/random.ts'
import { openVault, type Vault } from '#base/vault.ts'
import { openAuthority } from '#base/x509/authority.ts'
import { AccessLogController } from '#controllers/access-logs/controller.ts'
import { CapacityController } from '#controllers/capacity/controller.ts'
import { CodeDeployController } from '#controllers/codedeploy/controller.ts'
import { FlowLogController } from '#controllers/flow-logs/controller.ts'
import { FrontController } from '#controllers/front/controller.ts'
import { EventController } from '#controllers/events/controller.ts'
import { LoadBalancerController } from '#controllers/load-balancer/controller.ts'
import { balancerId } from '#controllers/load-balancer/plan.ts'
import { LoadBalancerMetricsController } from '#controllers/load-balancer-metrics/controller.ts'
import { createLogRetention } from '#controllers/log-retention/controller.ts'
import { createLogShipper } from '#controllers/log-shipper/controller.ts'
import { MetadataController } from '#controllers/metadata/controller.ts'
import { NetworkInterfaceController } from '#controllers/network-interface/controller.ts'
import { Reaper } from '#controllers/reaper/controller.ts'
import { ScaleToZeroController } from '#controllers/scale-to-zero/controller.ts'
import { ServiceController } from '#controllers/service/controller.ts'
import { NO_ALARMS } from '#controllers/service/seams.ts'
import { TaskController } from '#controllers/task/controller.ts'
import { HaproxyBalancer } from '#dataplane/balancer/haproxy-balancer.ts'
import { EdgeClient } from '#dataplane/edge/edge-client.ts'
import { type LocalImageStore, openImageStore } from '#engine/images/image-store.ts'
import { openLinuxEngine } from '#engine/linux/linux-engine.ts'
import type { Engine } from '#engine/engine.ts'
import { layMemoryFolder, removeMemoryFolder } from '#linux/memory-folder.ts'
import { chosenNetworkKernel } from '#linux/network-kernel-probe.ts'
import { takenPorts } from '#linux/taken-ports.ts'
import { LinuxNetwork } from '#network/linux/linux-network.ts'
import type { Network } from '#network/network.ts'
import { memoryStore } from '#store/memory/memory-store.ts'
import { openSqliteStore } from '#store/sqlite/sqlite-store.ts'
import type { Store } from '#store/store.ts'
import type { EventStore } from '#telemetry/events/event-store.ts'
import { memoryEventStore } from '#telemetry/events/memory/memory-event-store.ts'
import { openThreadEventStore } from '#telemetry/events/thread/thread-event-store.ts'
import type { LogStore } from '#telemetry/logs/log-store.ts'
import { memoryLogStore } from '#telemetry/logs/memory/memory-log-store.ts'
import { openThreadLogStore } from '#telemetry/logs/thread/thread-log-store.ts'
import { memoryMetricStore } from '#telemetry/metrics/memory/memory-metric-store.ts'
import type { MetricStore } from '#telemetry/metrics/metric-store.ts'
import { openThreadMetricStore } from '#telemetry/metrics/thread/thread-metric-store.ts'
import type { Config } from './config.ts'
import { metadataSinkOf, vpcServicesOf } from './edge-services.ts'
import { poolOf, thisHost } from './host-pool.ts'
import { httpDeploymentHooks, httpHooks } from './lifecycle-hooks.ts'
import { ownRoutes } from './own-routes.ts'
import { taskAgent } from './task-agent.ts'
import { type RootCredentials, rootCredentials } from './root-credentials.ts'

const VERSION = (JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as { version: string })
  .version

/** The name is answered inside every VPC; the edge carries the connection to wherever the API listens. */
const ENDPOINT_IN_TASKS = 'http://aws.neargate.internal:4566'

export interface World {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export interface ControlPlane {
  readonly endpoint: string
  /** Stops answering and deciding; tasks run on, unless the instance is ephemeral. */
  stop(): Promise<void>
}

/** What holds the tasks. */
interface Actuators {
  readonly images: LocalImageStore
  readonly engine: Engine
  readonly network: Network
  readonly edge: EdgeClient
  readonly balancer: HaproxyBalancer
}

/** For taking down, nothing is tried out on a disk that may be full. */
const openActuators = async (config: Config, world: World, purpose: 'run' | 'destroy' = 'run'): Promise<Actuators> => {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  layMemoryFolder(config.runDir)
  const { insecureRegistries } = config
  const layers = purpose === 'destroy' ? 'directory' : 'auto'
  const holds = join(config.runDir, 'holds')
  const images = await openImageStore({ ...world, data: config.dataDir, holds, insecureRegistries, layers })
  const engine = await openLinuxEngine({ ...world, ...config, images, purpose })
  const kernel = await chosenNetworkKernel()
  const network = new LinuxNetwork({ ...config, kernel })
  const edge = new EdgeClient({ ...world, ...config }, { vpcs: [], interfaces: [] })
  const balancer = new HaproxyBalancer({ ...world, ...config, kernel })
  return { images, engine, network, edge, balancer }
}

/** Everything of the instance goes from the kernel; what is on disk stays. Safe to repeat. */
const destroyed = async ({ engine, network, edge, balancer }: Actuators, config: Config): Promise<void> => {
  // The edge and load balancers hold sockets in the VPCs' namespaces, containers hold the interfaces': they go first.
  await edge.shutDown()
  await balancer.destroy()
  await engine.destroy()
  await network.destroy()
  removeMemoryFolder(config.runDir)
}

export const destroyInstance = async (config: Config, world: World): Promise<void> =>
  destroyed(await openActuators(config, world, 'destroy'), config)

interface Stores {
  readonly store: Store
  readonly logs: LogStore
  readonly events: EventStore
  readonly metrics: MetricStore
}

const openStores = async (config: Config, log: Log): Promise<Stores> => {
  if (config.ephemeral) {
    return {
      store: memoryStore(),
      logs: memoryLogStore(),
      events: memoryEventStore(),
      metrics: memoryMetricStore(),
    }
  }
  // First and alone: it tells that another instance has the data directory.
  const store = await openSqliteStore({ folder: join(config.dataDir, 'store') })
  const [logs, events, metrics] = await Promise.all([
    openThreadLogStore({ folder: join(config.dataDir, 'logs'), log }),
    openThreadEventStore({ folder: join(config.dataDir, 'events'), log }),
    openThreadMetricStore({ folder: join(config.dataDir, 'metrics'), log }),
  ])
  return { store, logs, events, metrics }
}

const credentialsOf = (root: RootCredentials): CredentialSource => {
  const caller = {
    account: root.account,
    arn: rootArn({ partition: 'aws', account: root.account }),
    userId: root.account,
  }
  return { find: async (id) => (id === root.accessKeyId ? { secret: root.secretAccessKey, caller } : undefined) }
}

/** An account's defaults in a region exist before its first call there is answered. */
const withAccountDefaults = (api: Api): Api => ({
  name: api.name,
  operations: Object.fromEntries(
    Object.entries(api.operations).map(([name, operation]): [string, Operation<never, unknown>] => [
      name,
      async (input, call: Call) => {
        await ensureAccountDefaults(call.store, call.scope, call.clock, call.random)
        return operation(input, call)
      },
    ]),
  ),
})

const emptied = async (store: Store, engine: Engine, clock: Clock): Promise<void> => {
  await store.write(async (tx) => {
    for (const table of ALL_TABLES) for (const row of await tx.list(table)) await tx.delete(table, table.key(row))
  })
  forgetAccountDefaults(store)
  // The controllers find tasks that nobody owns, and remove them.
  while ((await engine.observe()).length > 0) await clock.sleep(0.02)
}

interface Loop {
  run(signal: AbortSignal): Promise<void>
}

/** As HAProxy wants it: certificate, issuers, key. Undefined when there is no such certificate any more. */
const certificatesOf =
  (store: Store, vault: Vault) =>
  async (arn: CertificateArn): Promise<string | undefined> => {
    const found = await store.read((reader) => certificateByArn(reader, arn))
    if (found === undefined) return undefined
    return [found.body, found.chain ?? '', vault.open(found.sealedKey, arn)].map((part) => part.trim()).join('\n')
  }

const loopsOf = (
  config: Config,
  world: World,
  settings: Settings,
  stores: Stores,
  { engine, network, edge, balancer }: Actuators,
  capacity: CapacityController,
  accessLogs: AccessLogController,
  vault: Vault,
): Record<string, Loop> => {
  const parts = { ...world, ...stores, settings }
  const port = Number(new URL(settings.endpoint).port)
  const shipper = createLogShipper(parts)
  // The same for both kinds of deployments. Without CloudWatch there is none.
  const alarms = NO_ALARMS
  return {
    // First, so that the ledger knows of a change before anybody acts on it.
    capacity,
    'network-interface': new NetworkInterfaceController({
      ...parts,
      network,
      services: vpcServicesOf(edge, config.runDir, port),
    }),
    'log-shipper': shipper,
    'flow-logs': new FlowLogController({ ...parts, network }),
    'log-retention': createLogRetention(parts),
    metadata: new MetadataController({ ...parts, sink: metadataSinkOf(edge) }),
    task: new TaskController({
      ...parts,
      engine,
      shipper,
      room: capacity,
      taskEndpoint: ENDPOINT_IN_TASKS,
      publicAddressPool: publicAddressShare(config.instance),
    }),
    'load-balancer': new LoadBalancerController({
      ...parts,
      balancer,
      certificate: certificatesOf(stores.store, vault),
      publicAddressPool: publicAddressShare(config.instance),
    }),
    'load-balancer-metrics': new LoadBalancerMetricsController({
      ...parts,
      balancer,
      requests: balancer,
      nameOf: balancerId,
    }),
    'access-logs': accessLogs,
    'scale-to-zero': new ScaleToZeroController({ ...parts, balancer, nameOf: balancerId }),
    front: new FrontController({ ...parts, sink: edge }),
    service: new ServiceController({ ...parts, alarms, askHook: httpHooks(config.lifecycleHooks, world.clock) }),
    codedeploy: new CodeDeployController({
      ...parts,
      alarms,
      invokeHook: httpDeploymentHooks(config.lifecycleHooks, world.clock),
    }),
    reaper: new Reaper(parts),
    events: new EventController(parts),
  }
}

/** A loop that ends by itself is a bug: better to stop, and be started again, than to go on without it. */
const started = (loops: Record<string, Loop>, log: Log, signal: AbortSignal): Promise<void>[] =>
  Object.entries(loops).map(([name, loop]) =>
    loop.run(signal).catch((error: unknown) => {
      log.bug('control-plane.loop-failed', error, { loop: name })
      process.exit(1)
    }),
  )

/** <run directory>/server.json: how the command line finds us. Field 22 of stat tells a reused process id. */
const announced = (config: Config, endpoint: string, startedAt: Date): void => {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  const path = join(config.runDir, 'server.json')
  const document = { pid: process.pid, startTime, endpoint, startedAt: startedAt.toISOString() }
  writeFileSync(`${path}.draft`, JSON.stringify(document), { mode: 0o600 })
  renameSync(`${path}.draft`, path)
}

const hostAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address.replace(/%.*$/, '')))

/** Resolves when the API answers and the controllers work. Faults: "busy" when the data directory is in use. */
export const startControlPlane = async (config: Config, world: World): Promise<ControlPlane> => {
  const { clock, random, log } = world
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  const stores = await openStores(config, log)
  // What an ephemeral instance left when it was killed, nobody can own.
  if (config.ephemeral) await destroyInstance(config, world)
  const actuators = await openActuators(config, world)
  const known = rootCredentials({ ...config, endpoint: `http://${config.host}:${config.port}` }, random)
  const settings = { ...config, endpoint: '', publicAddressPool: publicAddressShare(config.instance) }
  const keepers = { vault: openVault(config.dataDir), authority: openAuthority(config.dataDir, world) }
  const { engine } = actuators
  const capacity = new CapacityController({
    ...world,
    ...stores,
    pool: poolOf(thisHost(), config),
    spotWarningSeconds: config.spotWarningSeconds,
  })
  const accessLogs = new AccessLogController({
    ...world,
    ...stores,
    requests: actuators.balancer,
    folder: join(config.dataDir, 'access-logs'),
    nameOf: balancerId,
  })
  const server = createApiServer({
    ...world,
    ...stores,
    ...keepers,
    apis: APIS.map(withAccountDefaults),
    credentials: credentialsOf(known),
    auth: config.auth,
    account: known.account,
    settings,
    capacity,
    routes: ownRoutes({
      ...world,
      ...stores,
      spotWarningSeconds: config.spotWarningSeconds,
      engine,
      version: VERSION,
      capacity: () => capacity.use(),
      roomLeftFor: (task) => capacity.leftFor(task),
      egress: config.egress,
      hostAddresses,
      recentRequests: (balancer) => accessLogs.recent(balancer),
      takenPorts,
      frontPorts: () => actuators.edge.frontPorts(),
      relays: () => actuators.edge.relays(),
      ...(config.ephemeral ? { reset: () => emptied(stores.store, engine, clock) } : {}),
    }),
  })
  const { port } = await server.listen(config.port, config.host).catch((error: unknown) => {
    throw new Fault(
      'busy',
      `${config.host}:${config.port} cannot be listened on (${String(error)}); choose another with --port`,
    )
  })
  const endpoint = `http://${config.host}:${port}`
  settings.endpoint = endpoint
  rootCredentials({ ...config, endpoint }, random)
  const ending = new AbortController()
  actuators.edge.answerTasks(taskAgent({ ...world, ...stores, ...keepers, settings, capacity }))
  // Started before the first VPC needs it: a process takes longer than a router.
  actuators.edge.connect().catch((error: unknown) => log.warn('edge.not-started', { reason: String(error) }))
  const loops = started(
    loopsOf(config, world, settings, stores, actuators, capacity, accessLogs, keepers.vault),
    log,
    ending.signal,
  )
  announced(config, endpoint, clock.now())
  log.info('control-plane.started', { endpoint, runtime: engine.capabilities.runtime, version: VERSION })
  return {
    endpoint,
    stop: async () => {
      await server.close()
      ending.abort()
      await Promise.all(loops)
      const { store, logs, events, metrics } = stores
      await Promise.all([store.close(), logs.close(), events.close(), metrics.close()])
      if (config.ephemeral) await destroyed(actuators, config)
      else {
        actuators.balancer.close()
        actuators.edge.close()
      }
    },
  }
}
