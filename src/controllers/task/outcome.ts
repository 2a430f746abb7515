// Why a task ends: the first cause counts, and later ones do not replace it. Pure.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html

import type { TaskStopCode } from '@aws-sdk/client-ecs'
import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import type { TaskContainer, TaskRecord } from '#apis/ecs/model/task.ts'
import type { Facts } from './facts.ts'
import { INTERFACE_TIMEOUT_SECONDS } from './limits.ts'
import { milliseconds } from './milliseconds.ts'
import {
  dependencyFailed,
  ESSENTIAL_EXITED,
  INTERFACE_TIMEOUT,
  interfaceRefused,
  LOST,
  lostContainer,
} from './reasons.ts'
import type { Member } from './roster.ts'
import { verdicts } from './start-order.ts'

export interface Cause {
  readonly stopCode: TaskStopCode
  readonly stoppedReason: string
}

const failedToStart = (stoppedReason: string): Cause => ({ stopCode: 'TaskFailedToStart', stoppedReason })

const isLost = (container: TaskContainer): boolean => container.reason === lostContainer(container.runtimeId)

/** When the interface is given up; undefined once it is attached. Milliseconds since 1970. */
export const interfaceDeadline = (networkInterface: NetworkInterfaceRecord | undefined): number | undefined =>
  networkInterface?.status.state === 'pending'
    ? milliseconds(networkInterface.spec.createdAt) + INTERFACE_TIMEOUT_SECONDS * 1000
    : undefined

const interfaceCause = (facts: Facts, now: number): Cause | undefined => {
  const { networkInterface, task } = facts
  const isExpected = task.status.networkInterfaceId !== undefined && task.status.startedAt === undefined
  if (networkInterface === undefined) return isExpected ? failedToStart(INTERFACE_TIMEOUT) : undefined
  if (networkInterface.status.state === 'failed') {
    const { subnetId } = networkInterface.spec
    const cause = networkInterface.status.reason ?? 'the interface could not be attached'
    return failedToStart(interfaceRefused(subnetId, task.spec.assignPublicIp, cause))
  }
  const deadline = interfaceDeadline(networkInterface)
  return deadline !== undefined && now >= deadline ? failedToStart(INTERFACE_TIMEOUT) : undefined
}

const endOf = (members: readonly Member[]): string | undefined =>
  members
    .filter(({ essential, container }) => essential && container.lastStatus === 'STOPPED')
    .flatMap(({ container }) => container.finishedAt ?? [])
    .toSorted()[0]

const containerCause = (members: readonly Member[]): Cause | undefined => {
  const gone = members.filter(({ essential, container }) => essential && container.lastStatus === 'STOPPED')
  const lost = members.find(({ essential, container }) => essential && isLost(container))
  if (lost !== undefined) return { stopCode: 'InfrastructureHealth', stoppedReason: LOST }
  const unborn = gone.find(({ container }) => container.startedAt === undefined && container.reason !== undefined)
  if (unborn?.container.reason !== undefined) return failedToStart(unborn.container.reason)
  return gone.length === 0 ? undefined : { stopCode: 'EssentialContainerExited', stoppedReason: ESSENTIAL_EXITED }
}

/** The dependency that can never be met: its container, and why. */
export const brokenDependency = (
  members: readonly Member[],
  now: number,
): { readonly name: string; readonly reason: string } | undefined => {
  for (const member of members) {
    if (member.container.lastStatus !== 'PENDING' || member.container.startedAt !== undefined) continue
    const verdict = verdicts(member, members, now).find(({ is }) => is === 'failed')
    if (verdict?.is === 'failed') return { name: member.name, reason: verdict.reason }
  }
  return undefined
}

const stopCause = (task: TaskRecord, members: readonly Member[]): Cause | undefined => {
  const { stop } = task.spec
  if (stop === undefined) return undefined
  // An essential container that ended before anybody asked is the older cause.
  const endedAt = endOf(members)
  if (endedAt !== undefined && endedAt < stop.at) return undefined
  return { stopCode: stop.code, stoppedReason: stop.reason }
}

/** Undefined while nothing speaks against the task. */
export const causeOfEnd = (facts: Facts, members: readonly Member[], now: number): Cause | undefined => {
  const { stopCode, stoppedReason } = facts.task.status
  if (stopCode !== undefined) return { stopCode, stoppedReason: stoppedReason ?? '' }
  return (
    stopCause(facts.task, members) ??
    (facts.notes.failure === undefined ? undefined : failedToStart(facts.notes.failure)) ??
    containerCause(members) ??
    interfaceCause(facts, now) ??
    (brokenDependency(members, now) === undefined ? undefined : failedToStart(dependencyFailed(facts.task.arn)))
  )
}

/** ISO 8601: when the first essential container ended; undefined while all of them run. */
export const executionStoppedAt = endOf
