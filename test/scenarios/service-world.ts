// Services in simulated time: a world whose story is the service diary, and what scenarios do with services.

import type * as sdk from '@aws-sdk/client-ecs'
import type { ServiceDeploymentRecord } from '#apis/ecs/model/service-deployment.ts'
import type { ServiceRevisionRecord } from '#apis/ecs/model/service-revision.ts'
import { subnets } from '#apis/ec2/tables.ts'
import { isStopped, type TaskRecord } from '#apis/ecs/model/task.ts'
import { serviceDeployments, serviceRevisions, tasks } from '#apis/ecs/tables.ts'
import { silentLog } from '#base/log.ts'
import type { FakeScript } from '#engine/fake/script.ts'
import { ServiceDiary } from './service-diary.ts'
import { type Container, World, type WorldOptions } from './world.ts'

export const SUBNETS = ['subnet-a', 'subnet-b', 'subnet-c']

type Wish = Partial<sdk.CreateServiceRequest> & Partial<sdk.UpdateServiceRequest>

export class ServiceWorld extends World {
  readonly diaryOfServices: ServiceDiary
  #definitions = 0

  /** What a controller has thrown: part of the story, so that no scenario passes with one. */
  readonly bugs: string[]

  constructor(options: WorldOptions = {}) {
    const bugs: string[] = []
    const bug = (event: string, error: unknown): unknown => bugs.push(`${event}: ${String(error)}`)
    super({ log: { ...silentLog, bug }, ...options })
    this.bugs = bugs
    // The tasks' own diary would only grow: nobody reads it here.
    this.diary.write = () => {}
    this.diaryOfServices = new ServiceDiary(this.clock, this.store)
  }

  override get story(): string {
    return `\n${[...this.diaryOfServices.lines, ...this.bugs].join('\n')}\n`
  }

  /** Registers a task definition of one container that lives as scripted. Returns its family. */
  async app(script: FakeScript = {}, more: Partial<Container> = {}): Promise<string> {
    const name = `app-${++this.#definitions}`
    this.script(name, script)
    return this.register([{ name, ...more }])
  }

  /** "web" with tasks in three zones. */
  async create(taskDefinition: string, desiredCount: number, more: Wish = {}): Promise<void> {
    this.diaryOfServices.remark(`CreateService ${desiredCount}${told(more)}`)
    await this.ask('CreateService', {
      serviceName: 'web',
      taskDefinition,
      desiredCount,
      ...(more.capacityProviderStrategy === undefined ? { launchType: 'FARGATE' } : {}),
      networkConfiguration: { awsvpcConfiguration: { subnets: SUBNETS } },
      availabilityZoneRebalancing: 'DISABLED',
      ...more,
    } as never)
  }

  async update(change: Wish, remark = `UpdateService${told(change)}`): Promise<void> {
    this.diaryOfServices.remark(remark)
    await this.ask('UpdateService', { service: 'web', ...change } as never)
  }

  /** With a new task definition that lives as scripted. */
  async deploy(script: FakeScript = {}, more: Partial<Container> = {}): Promise<void> {
    await this.update({ taskDefinition: await this.app(script, more) }, 'UpdateService: a new task definition')
  }

  /** As if somebody had deleted them: what is there keeps running. */
  async forgetSubnets(): Promise<void> {
    await this.store.write(async (tx) => {
      for (const row of await tx.list(subnets)) await tx.delete(subnets, subnets.key(row))
    })
  }

  /** The primary revision may use these subnets from now on, without a deployment. */
  async widen(subnetIds: readonly string[]): Promise<void> {
    await this.store.write(async (tx) => {
      for (const revision of await tx.list(serviceRevisions)) {
        const networkConfiguration = { awsvpcConfiguration: { subnets: [...subnetIds] } }
        await tx.put(serviceRevisions, { ...revision, template: { ...revision.template, networkConfiguration } })
      }
    })
  }

  async note(remark: string): Promise<void> {
    this.diaryOfServices.remark(remark)
  }

  /** Tasks that have not stopped, oldest first. */
  async live(): Promise<TaskRecord[]> {
    const all = await this.store.read((reader) => reader.list(tasks))
    return all.filter((task) => !isStopped(task)).toSorted((a, b) => a.createdAt.localeCompare(b.createdAt))
  }

  /** The container of that task exits, as a crash would make it. */
  crashTask(task: TaskRecord | undefined, exitCode = 1): void {
    const id = task?.status.containers[0]?.runtimeId
    if (id === undefined) throw new Error('there is no such task')
    this.engine.kill(id, exitCode)
  }

  async deployments(): Promise<ServiceDeploymentRecord[]> {
    const all = await this.store.read((reader) => reader.list(serviceDeployments))
    return all.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt))
  }

  async revisions(): Promise<ServiceRevisionRecord[]> {
    const all = await this.store.read((reader) => reader.list(serviceRevisions))
    return all.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt))
  }

  async described(): Promise<sdk.Service> {
    const { services } = await this.ask('DescribeServices', { services: ['web'] } as never)
    const [service] = services ?? []
    if (service === undefined) throw new Error('there is no such service')
    return service
  }

  /** Zones of the live tasks, e.g. "a2 b1 c1". */
  async zones(): Promise<string> {
    const zones = (await this.live()).map(({ status }) => status.availabilityZone?.slice(-1) ?? '?')
    return [...new Set(zones)]
      .toSorted()
      .map((zone) => `${zone}${zones.filter((one) => one === zone).length}`)
      .join(' ')
  }
}

const told = ({ deploymentConfiguration: configuration, ...change }: Wish): string => {
  const { minimumHealthyPercent: least, maximumPercent: most } = configuration ?? {}
  const bounds = least === undefined && most === undefined ? '' : ` at ${least ?? 100}/${most ?? 200}`
  const rest = Object.entries(change).map(([key, value]) => (typeof value === 'object' ? '' : ` ${key}=${value}`))
  return `${bounds}${rest.join('')}`
}
