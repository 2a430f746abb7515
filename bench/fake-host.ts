// A whole control plane in this process, in real time, over the fake engine and network: for numbers of tasks that no
// small host can hold.

import type * as sdk from '@aws-sdk/client-ecs'
import { securityGroups, subnets, vpcs } from '#apis/ec2/tables.ts'
import { ecs } from '#apis/ecs/index.ts'
import { defaultCluster } from '#apis/ecs/model/defaults.ts'
import type { TaskContainer } from '#apis/ecs/model/task.ts'
import { clusters, tasks } from '#apis/ecs/tables.ts'
import type { Call, Operations } from '#aws/operation.ts'
import { taskArn } from '#aws/arn.ts'
import { systemClock } from '#base/clock.ts'
import { jsonLog } from '#base/log.ts'
import { systemRandom } from '#base/random.ts'
import { NetworkInterfaceController } from '#controllers/network-interface/controller.ts'
import { ServiceController } from '#controllers/service/controller.ts'
import { TaskController } from '#controllers/task/controller.ts'
import { FakeEngine } from '#engine/fake/fake-engine.ts'
import { FakeNetwork } from '#network/fake/fake-network.ts'
import { memoryStore } from '#store/memory/memory-store.ts'
import { openSqliteStore } from '#store/sqlite/sqlite-store.ts'
import type { EngineContainer, EngineTask } from '#engine/engine.ts'
import type { Store } from '#store/store.ts'
import { asking, testCall } from '#test/call.ts'
import { QuietShipper } from '#test/scenarios/shipper.ts'

const SCOPE = { partition: 'aws', region: 'us-east-1', account: '123456789012' }

export class FakeHost {
  readonly #base = testCall()
  readonly #folder: string | undefined
  readonly #engine = new FakeEngine({ clock: systemClock })
  readonly #network = new FakeNetwork()
  #store: Store = memoryStore()
  #life = new AbortController()
  #loops: Promise<void>[] = []
  readonly #ask = asking<Operations<typeof sdk>>(ecs, () => this.#call())

  /** With a folder, records are on disk. */
  constructor({ folder }: { readonly folder?: string } = {}) {
    this.#folder = folder
  }

  async begin(): Promise<this> {
    await this.#open()
    await this.#store.write(async (tx) => {
      await tx.put(clusters, defaultCluster(SCOPE, systemClock.now().toISOString()))
      const vpc = { id: 'vpc-1', scope: SCOPE, cidrs: ['10.0.0.0/8'], isDefault: false, tags: [] }
      await tx.put(vpcs, { ...vpc, enableDnsSupport: true, enableDnsHostnames: true })
      await tx.put(subnets, {
        id: 'subnet-a',
        scope: SCOPE,
        vpcId: 'vpc-1',
        cidr: '10.0.0.0/16',
        availabilityZone: 'us-east-1a',
        mapPublicIpOnLaunch: false,
        defaultForAz: false,
        tags: [],
      })
      const group = { id: 'sg-1', scope: SCOPE, vpcId: 'vpc-1', name: 'default', description: '' }
      await tx.put(securityGroups, { ...group, rules: [], tags: [] })
    })
    this.#engine.images.register('busybox')
    await this.#ask('RegisterTaskDefinition', {
      family: 'bench',
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      containerDefinitions: [{ name: 'main', image: 'busybox' }],
    } as never)
    return this
  }

  /** Services of at most 1000 tasks each, as AWS's quota for one is of that order. */
  async create(name: string, count: number): Promise<void> {
    for (let at = 0; at < count; at += 1000) {
      await this.#ask('CreateService', {
        serviceName: at === 0 ? name : `${name}-${at}`,
        taskDefinition: 'bench',
        desiredCount: Math.min(1000, count - at),
        launchType: 'FARGATE',
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a'] } },
      } as never)
    }
  }

  async running(count: number): Promise<void> {
    for (;;) {
      const there = await this.#store.read((reader) =>
        reader.count(tasks, { index: 'clusterStatus', value: `${defaultCluster(SCOPE, '').arn} RUNNING` }),
      )
      if (there >= count) return
      await systemClock.sleep(0.25)
    }
  }

  /** So many tasks on record; only there, or running in the engine too. Returns their ARNs. */
  async record(count: number, { running = false } = {}): Promise<string[]> {
    await this.create('model', 1)
    await this.running(1)
    const [model] = await this.#store.read((reader) => reader.list(tasks, { limit: 1 }))
    if (model === undefined) throw new Error('there is no task to copy')
    // Nobody looks after records without containers, or they would be made true.
    this.#life.abort()
    await Promise.all(this.#loops)
    const { owner: _, ...copied } = JSON.parse(JSON.stringify(model)) as typeof model
    const arns: string[] = []
    while (arns.length < count) {
      const ids = Array.from({ length: Math.min(1000, count - arns.length) }, () => systemRandom.hex(32))
      const startedAt = new Map<string, string>()
      for (const id of running ? ids : []) startedAt.set(id, await this.#run(id, copied.status.containers[0]))
      await this.#store.write(async (tx) => {
        for (const id of ids) {
          const arn = taskArn(SCOPE, model.clusterName, id)
          const containers = copied.status.containers.map((container) => ({
            ...container,
            runtimeId: `${id}-1234567890`,
            startedAt: startedAt.get(id) ?? container.startedAt ?? '',
          }))
          await tx.put(tasks, { ...copied, arn, id, status: { ...copied.status, containers } })
          arns.push(arn)
        }
      })
    }
    return arns
  }

  /** A task of the engine that no controller has started. Returns when it was. */
  async #run(id: string, container: TaskContainer | undefined): Promise<string> {
    const runtimeId = `${id}-1234567890`
    const { name = '', imageDigest = '' } = container ?? {}
    await this.#engine.prepare({ id } as EngineTask)
    await this.#engine.create({ id: runtimeId, taskId: id, name, imageDigest } as EngineContainer)
    await this.#engine.start(runtimeId)
    return (await this.#engine.observeTask(id))?.containers[0]?.startedAt ?? ''
  }

  describe(arns: readonly string[]): Promise<sdk.DescribeTasksResponse> {
    return this.#ask('DescribeTasks', { tasks: arns } as never)
  }

  /** How many of their tasks run. */
  async describeServices(names: readonly string[]): Promise<number> {
    const { services = [] } = await this.#ask('DescribeServices', { services: names } as never)
    return services.reduce((sum, { runningCount = 0 }) => sum + runningCount, 0)
  }

  /** Resolves when the event loop has nothing to do any more. */
  async quiet(): Promise<void> {
    for (let calm = 0; calm < 20;) {
      const began = performance.now()
      await new Promise((resolve) => setImmediate(resolve))
      calm = performance.now() - began < 1 ? calm + 1 : 0
    }
  }

  /** The control plane ends; engine and network stay as they are. */
  async stop(): Promise<void> {
    this.#life.abort()
    await Promise.all(this.#loops)
    await this.#store.close()
  }

  async start(): Promise<void> {
    await this.#open()
  }

  async end(): Promise<void> {
    await this.stop()
    await this.#engine.destroy()
  }

  async #open(): Promise<void> {
    this.#store = this.#folder === undefined ? memoryStore() : await openSqliteStore({ folder: this.#folder })
    this.#life = new AbortController()
    const parts = {
      store: this.#store,
      clock: systemClock,
      random: systemRandom,
      log: jsonLog(() => systemClock.now()),
    }
    const taskEndpoint = 'http://aws.neargate.internal:4566'
    const loops = [
      new NetworkInterfaceController({ ...parts, network: this.#network }),
      new TaskController({ ...parts, engine: this.#engine, shipper: new QuietShipper(), taskEndpoint }),
      new ServiceController(parts),
    ]
    this.#loops = loops.map((loop) => loop.run(this.#life.signal))
  }

  #call(): Call {
    return {
      ...this.#base,
      scope: SCOPE,
      store: this.#store,
      clock: systemClock,
      random: systemRandom,
      log: jsonLog(() => systemClock.now()),
    }
  }
}
