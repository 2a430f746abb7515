// Which rows have outlived their use: stopped tasks, deleted task definitions, inactive services and clusters. Pure.

import type { ClusterRecord } from '#apis/ecs/model/cluster.ts'
import type { ServiceRecord } from '#apis/ecs/model/service.ts'
import type { TaskDefinitionRecord } from '#apis/ecs/model/task-definition.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import { recordedTime } from '#aws/time.ts'

export interface Remains {
  readonly stoppedTasks: readonly TaskRecord[]
  /** Those whose deletion was asked for. */
  readonly definitions: readonly TaskDefinitionRecord[]
  readonly inactiveClusters: readonly ClusterRecord[]
  readonly inactiveServices: readonly ServiceRecord[]
  /** Of every task there is, running or stopped, and of every service that may start more. */
  readonly definitionsInUse: ReadonlySet<string>
  readonly clustersInUse: ReadonlySet<string>
  /** When this process first saw a cluster inactive, by ARN: the record does not say. Milliseconds since 1970. */
  readonly inactiveSince: ReadonlyMap<string, number>
}

export interface Harvest {
  /** ARNs. */
  readonly tasks: readonly string[]
  readonly definitions: readonly string[]
  readonly clusters: readonly string[]
  readonly services: readonly string[]
  /** When the next row is due, as far as is known now; undefined when none waits. Milliseconds since 1970. */
  readonly nextAt: number | undefined
}

interface Candidate {
  readonly arn: string
  /** Milliseconds since 1970; undefined: something still needs it. */
  readonly dueAt: number | undefined
}

const milliseconds = (text: string | undefined): number => (text === undefined ? 0 : recordedTime(text).getTime())

/** AWS shows stopped tasks for at least an hour; `retentionSeconds` says for how long it is here. */
export const harvest = (remains: Remains, retentionSeconds: number, now: number): Harvest => {
  const retention = retentionSeconds * 1000
  const stopped = remains.stoppedTasks.map((task): Candidate => ({
    arn: task.arn,
    dueAt: milliseconds(task.status.stoppedAt) + retention,
  }))
  // AWS: a definition goes when no task and no service refers to it any more.
  const definitions = remains.definitions.map((definition): Candidate => ({
    arn: definition.arn,
    dueAt: remains.definitionsInUse.has(definition.arn)
      ? undefined
      : milliseconds(definition.deleteRequestedAt) + retention,
  }))
  const clusters = remains.inactiveClusters.map((cluster): Candidate => ({
    arn: cluster.arn,
    dueAt: remains.clustersInUse.has(cluster.arn)
      ? undefined
      : (remains.inactiveSince.get(cluster.arn) ?? now) + retention,
  }))
  // Shown for a while, as a stopped task is; AWS says no more than that they may be cleaned up.
  const services = remains.inactiveServices.map((service): Candidate => ({
    arn: service.arn,
    dueAt: milliseconds(service.status.inactiveAt) + retention,
  }))
  const isDue = ({ dueAt }: Candidate): boolean => dueAt !== undefined && dueAt <= now
  const arns = (candidates: readonly Candidate[]): string[] => candidates.filter(isDue).map(({ arn }) => arn)
  const later = [...stopped, ...definitions, ...clusters, ...services].flatMap((one) =>
    isDue(one) ? [] : (one.dueAt ?? []),
  )
  return {
    tasks: arns(stopped),
    definitions: arns(definitions),
    clusters: arns(clusters),
    services: arns(services),
    nextAt: later.length === 0 ? undefined : later.reduce((first, at) => Math.min(first, at)),
  }
}
