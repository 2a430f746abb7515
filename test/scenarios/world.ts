// A whole control plane in one process, in simulated time: real operations in front, fakes behind, a diary of it all.

import type * as sdk from '@aws-sdk/client-ecs'
import type { VpcRecord } from '#apis/ec2/model/records.ts'
import { networkInterfaces, securityGroups, subnets, vpcs } from '#apis/ec2/tables.ts'
import { ecs } from '#apis/ecs/index.ts'
import { defaultCluster } from '#apis/ecs/model/defaults.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import { clusters, taskByArn, tasks } from '#apis/ecs/tables.ts'
import type { TaskArn } from '#aws/arn.ts'
import type { Need } from '#aws/capacity.ts'
import type { Call, Operations } from '#aws/operation.ts'
import { silentLog, type Log } from '#base/log.ts'
import { type Random, seededRandom } from '#base/random.ts'
import { settle, SimulatedClock } from '#base/simulated-clock.ts'
import { CapacityController } from '#controllers/capacity/controller.ts'
import { CodeDeployController } from '#controllers/codedeploy/controller.ts'
import type { InvokeHook } from '#controllers/codedeploy/hooks.ts'
import { NetworkInterfaceController } from '#controllers/network-interface/controller.ts'
import { Reaper } from '#controllers/reaper/controller.ts'
import type { AskHook } from '#controllers/service/seams.ts'
import { LoadBalancerController } from '#controllers/load-balancer/controller.ts'
import { ServiceController, type ServiceControllerOptions } from '#controllers/service/controller.ts'
import { TaskController } from '#controllers/task/controller.ts'
import { FakeBalancer } from '#dataplane/balancer/fake/fake-balancer.ts'
import { FakeEngine } from '#engine/fake/fake-engine.ts'
import type { FakeScript } from '#engine/fake/script.ts'
import { FakeNetwork } from '#network/fake/fake-network.ts'
import { memoryStore } from '#store/memory/memory-store.ts'
import { memoryLogStore } from '#telemetry/logs/memory/memory-log-store.ts'
import { asking, testCall } from '#test/call.ts'
import { Diary } from './diary.ts'
import { behind, Fuse } from './fuse.ts'
import { QuietShipper } from './shipper.ts'

const SCOPE = { partition: 'aws', region: 'eu-west-1', account: '123456789012' }
const VPC: VpcRecord = {
  id: 'vpc-1',
  scope: SCOPE,
  cidrs: ['10.0.0.0/16'],
  isDefault: false,
  enableDnsSupport: true,
  enableDnsHostnames: true,
  tags: [],
}
export const ZONES = ['a', 'b', 'c'] as const
const SETTINGS = { mode: 'strict', stoppedTaskRetentionSeconds: 3600, endpoint: 'http://127.0.0.1:4566' } as const
const ENGINE_ACTS = ['prepare', 'create', 'start', 'recreate', 'signal', 'remove'] as const
const NETWORK_ACTS = ['attach', 'detach'] as const

export interface WorldOptions {
  readonly seed?: number
  /** The first control plane's; later ones live on. */
  readonly fuse?: Fuse
  /** e.g. "10.0.1.0/28": eleven addresses. */
  readonly subnetCidr?: string
  readonly log?: Log
  /** What the service controller asks of others. */
  readonly asks?: Pick<ServiceControllerOptions, 'alarms'>
  /** What tasks share; without limits when absent. */
  readonly pool?: Need
}

export type Container = sdk.ContainerDefinition & { readonly name: string }

export class World {
  readonly clock = new SimulatedClock('2026-01-01T00:00:00Z')
  readonly random: Random
  readonly store = memoryStore()
  readonly engine = new FakeEngine({ clock: this.clock })
  readonly network = new FakeNetwork()
  readonly balancer = new FakeBalancer()
  readonly shipper = new QuietShipper()
  readonly diary = new Diary(this.clock)
  /** How lifecycle hooks answer. */
  hooks: AskHook = async () => ({ status: 'SUCCEEDED' })
  /** What becomes of CodeDeploy's hooks when they are invoked; they answer by the API. */
  deploymentHooks: InvokeHook = async () => {}
  readonly ask = asking<Operations<typeof sdk>>(ecs, () => this.call())
  #options: WorldOptions
  #fuse: Fuse
  #life = new AbortController()
  #families = 0
  /** Undefined in a world without limits. */
  capacity: CapacityController | undefined

  constructor(options: WorldOptions = {}) {
    this.#options = options
    this.random = seededRandom(options.seed ?? 1)
    this.#fuse = options.fuse ?? new Fuse()
  }

  /** With a subnet in each of three zones, a security group, the default cluster, and the image "busybox" in the registry. */
  async begin(): Promise<this> {
    await this.store.write(async (tx) => {
      await tx.put(clusters, defaultCluster(SCOPE, this.clock.now().toISOString()))
      await tx.put(vpcs, VPC)
      for (const [at, zone] of ZONES.entries()) {
        await tx.put(subnets, {
          id: `subnet-${zone}`,
          scope: SCOPE,
          vpcId: VPC.id,
          cidr: at === 0 ? (this.#options.subnetCidr ?? '10.0.1.0/24') : `10.0.${100 + at}.0/24`,
          availabilityZone: `eu-west-1${zone}`,
          mapPublicIpOnLaunch: false,
          defaultForAz: false,
          tags: [],
        })
      }
      await tx.put(securityGroups, {
        id: 'sg-default',
        scope: SCOPE,
        vpcId: VPC.id,
        name: 'default',
        description: '',
        rules: [],
        tags: [],
      })
    })
    this.engine.images.register('busybox')
    this.engine.diary.push = (...entries) => {
      for (const entry of entries) this.diary.write(`engine ${entry}`)
      return 0
    }
    this.store.watch([tasks], (changes) => {
      for (const { before, after } of changes) {
        this.diary.noteChange(before as TaskRecord | undefined, after as TaskRecord | undefined)
      }
    })
    this.#startControllers()
    await settle()
    return this
  }

  script(container: string, script: FakeScript): void {
    this.engine.script(container, script)
  }

  /** Registers a task definition of these containers and runs it. Returns the task's ARN. */
  async run(containers: readonly Container[], more: Partial<sdk.RegisterTaskDefinitionRequest> = {}): Promise<TaskArn> {
    return this.runFamily(await this.register(containers, more))
  }

  async register(
    containers: readonly Container[],
    more: Partial<sdk.RegisterTaskDefinitionRequest> = {},
  ): Promise<string> {
    const family = `family-${++this.#families}`
    await this.ask('RegisterTaskDefinition', {
      family,
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      executionRoleArn: 'arn:aws:iam::123456789012:role/ecsTaskExecutionRole',
      ...more,
      containerDefinitions: containers.map((container) => ({ image: 'busybox', ...container })),
    } as never)
    return family
  }

  async runFamily(family: string, more: object = {}): Promise<TaskArn> {
    const { tasks: started } = await this.ask('RunTask', {
      taskDefinition: family,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a'] } },
      ...more,
    } as never)
    return started?.[0]?.taskArn as TaskArn
  }

  async stop(arn: TaskArn, reason = 'enough'): Promise<void> {
    await this.ask('StopTask', { task: arn, reason } as never)
  }

  async advance(seconds: number): Promise<void> {
    await this.clock.advance(seconds)
  }

  task(arn: TaskArn): Promise<TaskRecord | undefined> {
    return this.store.read((reader) => taskByArn(reader, arn))
  }

  /** The diary, as one text. */
  get story(): string {
    return `\n${this.diary.lines.join('\n')}\n`
  }

  runtimeId(task: TaskRecord | undefined, container: string): string {
    return task?.status.containers.find(({ name }) => name === container)?.runtimeId ?? ''
  }

  /** What exists for tasks in the world, in words. */
  async leftovers(): Promise<string[]> {
    const interfaces = await this.store.read((reader) => reader.list(networkInterfaces))
    return [
      ...(await this.engine.observe()).map(({ id }) => `engine task ${id}`),
      ...interfaces.map(({ id }) => `interface ${id}`),
      ...(await this.network.observe()).interfaces.map(({ id }) => `attached ${id}`),
      ...[...this.shipper.shipped.keys()].map((id) => `shipment ${id}`),
    ]
  }

  /** To be called when every task has ended: throws if anything of one is left. */
  async end(): Promise<void> {
    this.crash()
    const left = await this.leftovers()
    if (left.length > 0) throw new Error(`left over: ${left.join(', ')}`)
  }

  /** The control plane dies where it stands. */
  crash(): void {
    this.#fuse.blow()
    this.#life.abort()
  }

  /** A new control plane on the same store and the same host, perhaps with another share of it. */
  async restart(change: Pick<WorldOptions, 'pool'> = {}): Promise<void> {
    this.crash()
    this.#options = { ...this.#options, ...change }
    this.shipper.shipped.clear()
    this.#fuse = new Fuse()
    this.#life = new AbortController()
    this.#startControllers()
    await settle()
  }

  #startControllers(): void {
    const { clock, random, shipper } = this
    const fuse = this.#fuse
    const log = this.#options.log ?? silentLog
    const store = behind(fuse, this.store, ['write'])
    const engine = behind(fuse, this.engine, ENGINE_ACTS)
    const network = behind(fuse, this.network, NETWORK_ACTS)
    const taskEndpoint = 'http://aws.neargate.internal:4566'
    // One after the other, always in this order: two loops that wake at the same instant must not race.
    const { pool } = this.#options
    this.capacity =
      pool === undefined
        ? undefined
        : new CapacityController({ store, clock, random, log, pool, spotWarningSeconds: 120 })
    void this.capacity?.run(this.#life.signal)
    const room = this.capacity === undefined ? {} : { room: this.capacity }
    const balancer = this.balancer
    void new LoadBalancerController({ store, balancer, clock, random, log }).run(this.#life.signal)
    void new NetworkInterfaceController({ store, network, clock, random, log }).run(this.#life.signal)
    void new TaskController({ store, engine, shipper, clock, random, log, taskEndpoint, ...room }).run(
      this.#life.signal,
    )
    void new ServiceController({
      store,
      clock,
      random,
      log,
      askHook: (call) => this.hooks(call),
      ...this.#options.asks,
    }).run(this.#life.signal)
    const { alarms } = this.#options.asks ?? {}
    void new CodeDeployController({
      store,
      clock,
      random,
      log,
      invokeHook: (call) => this.deploymentHooks(call),
      ...(alarms === undefined ? {} : { alarms }),
    }).run(this.#life.signal)
    void new Reaper({ store, clock, log, settings: SETTINGS }).run(this.#life.signal)
  }

  /** As the API server would hand it to an operation. */
  call(): Call {
    return {
      ...testCall(),
      scope: SCOPE,
      caller: { account: SCOPE.account, arn: `arn:aws:iam::${SCOPE.account}:root`, userId: SCOPE.account },
      requestId: 'request',
      store: this.store,
      logs: memoryLogStore(),
      clock: this.clock,
      random: this.random,
      log: silentLog,
      settings: SETTINGS,
      ...(this.capacity === undefined ? {} : { capacity: this.capacity }),
    }
  }
}
