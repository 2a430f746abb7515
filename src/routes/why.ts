// GET /_neargate/why: why a task or a service is as it is, in plain words.

import { overriddenContainers } from '#apis/ecs/model/overrides.ts'
import { awaitsRoom } from '#apis/ecs/model/room.ts'
import { isTaskId } from '#apis/ecs/model/identifiers.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import type { ServiceEventRecord } from '#apis/ecs/model/service.ts'
import {
  newestEvents,
  serviceByArn,
  serviceDeployments,
  serviceRevisions,
  taskDefinitionByArn,
  tasks,
} from '#apis/ecs/tables.ts'
import { targetGroupByArn, targetsOfTask } from '#apis/elbv2/tables.ts'
import type { Route } from '#apiserver/route.ts'
import type { Caller } from '#aws/operation.ts'
import { AwsError } from '#aws/refusal.ts'
import { parseArn } from '#aws/arn.ts'
import type { Clock } from '#base/clock.ts'
import type { Reader, Store } from '#store/store.ts'
import type { LogStore, StreamId } from '#telemetry/logs/log-store.ts'
import { whyService, type ServiceFacts } from '#why/service.ts'
import type { TargetFacts } from '#why/targets.ts'
import { whyTask, type TaskFacts } from '#why/task.ts'
import { json, PREFIX } from './answers.ts'
import { namedService, namedTask } from './named.ts'

const LINES_SHOWN = 10

export interface WhyRouteOptions {
  readonly store: Store
  readonly logs: LogStore
  readonly clock: Clock
  /** What is left of the host for a task that waits; undefined for one that does not. */
  readonly roomLeftFor: (task: TaskRecord) => { readonly cpuUnits: number; readonly memoryMiB: number } | undefined
}

/** Query: "of", a task's id or ARN or a service's name or ARN; "cluster" and "region". */
export const whyRoute = (options: WhyRouteOptions): Route => ({
  method: 'GET',
  path: `${PREFIX}why`,
  handle: async ({ query }, caller) => {
    const of = query.get('of')
    if (of === null || of === '') throw new AwsError('MissingParameter', 'say of what: ?of=TASK, or ?of=SERVICE')
    const isTask = parseArn(of)?.resource.startsWith('task/') ?? isTaskId(of)
    return json(isTask ? await aboutTask(options, query, caller, of) : await aboutService(options, query, caller, of))
  },
})

const aboutTask = async (options: WhyRouteOptions, query: URLSearchParams, caller: Caller | undefined, of: string) => {
  const { task, streams, targets } = await options.store.read(async (reader) => {
    const found = await namedTask(reader, query, caller, of)
    return { task: found, streams: await streamsOf(reader, found), targets: await targetFacts(reader, found) }
  })
  const logs: Record<string, TaskFacts['logs'][string]> = {}
  for (const [name, stream] of streams) {
    const lines = await options.logs.read(stream, { direction: 'backward', limit: LINES_SHOWN })
    logs[name] = { group: stream.group, stream: stream.stream, lines: lines.map(({ message }) => message) }
  }
  const roomLeft = awaitsRoom(task) ? options.roomLeftFor(task) : undefined
  return whyTask({ task, logs, targets, ...(roomLeft === undefined ? {} : { roomLeft }) })
}

/** How each of the task's target groups sees it, or has seen it last. */
const targetFacts = async (reader: Reader, task: TaskRecord): Promise<TargetFacts[]> => {
  const service = task.owner === undefined ? undefined : await serviceByArn(reader, task.owner.serviceArn)
  if (service === undefined || task.owner?.targets === undefined) return []
  const registered = await targetsOfTask(reader, task.arn)
  const messages = await newestEvents(reader, service)
  const found: TargetFacts[] = []
  for (const { targetGroupArn, containerPort: port } of task.owner.targets) {
    const group = await targetGroupByArn(reader, targetGroupArn)
    if (group === undefined) continue
    const row = registered.find((one) => one.targetGroupArn === targetGroupArn && one.port === port)
    const problem =
      row?.status.state === 'unhealthy' ? row.status.description : toldOf(messages, `(task ${task.id}) (port ${port})`)
    found.push({ group, port, ...(problem === undefined ? {} : { problem }) })
  }
  return found
}

/** A target that is gone has left its reason in a message of its service. */
const toldOf = (messages: readonly ServiceEventRecord[], whose: string): string | undefined => {
  const told = messages.find(({ message }) => message.includes(whose) && message.includes('is unhealthy in'))
  return told === undefined ? undefined : /due to \(reason (.*)\)\.$/.exec(told.message)?.[1]
}

/** Where the awslogs driver brings each container's output. */
const streamsOf = async (reader: Reader, task: TaskRecord): Promise<Map<string, StreamId>> => {
  const definition = await taskDefinitionByArn(reader, task.spec.taskDefinitionArn)
  const streams = new Map<string, StreamId>()
  if (definition === undefined) return streams
  for (const { name = '', logConfiguration } of overriddenContainers(definition, task.spec.overrides)) {
    const { logDriver, options } = logConfiguration ?? {}
    const [group, prefix] = [options?.['awslogs-group'], options?.['awslogs-stream-prefix'] ?? 'ecs']
    if (logDriver !== 'awslogs' || group === undefined) continue
    const region = options?.['awslogs-region'] ?? task.scope.region
    streams.set(name, { account: task.scope.account, region, group, stream: `${prefix}/${name}/${task.id}` })
  }
  return streams
}

const aboutService = (
  { store, clock }: WhyRouteOptions,
  query: URLSearchParams,
  caller: Caller | undefined,
  of: string,
) =>
  store.read(async (reader) => {
    const service = await namedService(reader, query, caller, of)
    const { primaryRevisionArn, deploymentArn } = service.status
    const ofGroup = ['RUNNING', 'STOPPED'].map((wish) =>
      reader.list(tasks, { index: 'clusterGroup', value: `${service.clusterArn} ${wish} service:${service.name}` }),
    )
    const facts: ServiceFacts = {
      service,
      primary: primaryRevisionArn === undefined ? undefined : await reader.get(serviceRevisions, primaryRevisionArn),
      deployment: deploymentArn === undefined ? undefined : await reader.get(serviceDeployments, deploymentArn),
      tasks: (await Promise.all(ofGroup)).flat(),
      messages: await newestEvents(reader, service),
      now: clock.now().toISOString(),
    }
    return whyService(facts)
  })
