// Where a container's output goes: its awslogs options, as the Logs API names things. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html

import type { TaskRecord } from '#apis/ecs/model/task.ts'
import { streamId } from '#apis/logs/model/log-stream.ts'
import { partitionOf, type Scope } from '#aws/scope.ts'
import type { Shipment } from '../log-shipper/shipment.ts'
import type { Member } from './roster.ts'

export interface LogOptions {
  readonly group: string
  readonly region: string | undefined
  readonly streamPrefix: string
  readonly createGroup: boolean
  readonly multilinePattern: string | undefined
  readonly datetimeFormat: string | undefined
}

/** Undefined: its output is kept by the engine and seen by nobody. */
export const logOptions = (member: Member): LogOptions | undefined => {
  const { logDriver, options } = member.definition.logConfiguration ?? {}
  const group = options?.['awslogs-group']
  if (logDriver !== 'awslogs' || group === undefined) return undefined
  return {
    group,
    region: options?.['awslogs-region'],
    streamPrefix: options?.['awslogs-stream-prefix'] ?? 'ecs',
    createGroup: options?.['awslogs-create-group'] === 'true',
    multilinePattern: options?.['awslogs-multiline-pattern'],
    datetimeFormat: options?.['awslogs-datetime-format'],
  }
}

export interface LogPlace {
  readonly scope: Scope
  readonly group: string
  /** "prefix/container/task id" */
  readonly stream: string
  readonly createGroup: boolean
}

/** awslogs-region may name another region than the task's. */
export const logPlace = (task: TaskRecord, member: Member, options: LogOptions): LogPlace => {
  const region = options.region ?? task.scope.region
  return {
    scope: { ...task.scope, region, partition: partitionOf(region) },
    group: options.group,
    stream: `${options.streamPrefix}/${member.name}/${task.id}`,
    createGroup: options.createGroup,
  }
}

/** What the log shipper is told of a container's output; undefined where nobody is to see it. */
export const shipmentOf = (task: TaskRecord, member: Member, file: string): Shipment | undefined => {
  const options = logOptions(member)
  if (options === undefined) return undefined
  const { scope, group, stream } = logPlace(task, member, options)
  const { multilinePattern, datetimeFormat } = options
  return {
    containerId: member.container.runtimeId,
    file,
    stream: streamId({ scope, group, name: stream }),
    options: {
      ...(multilinePattern === undefined ? {} : { multilinePattern }),
      ...(datetimeFormat === undefined ? {} : { datetimeFormat }),
    },
    finished: member.container.lastStatus === 'STOPPED',
  }
}
