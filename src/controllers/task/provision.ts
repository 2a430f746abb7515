// Records what a task needs, in one transaction: its network interface, its log streams, and that it waits for them.

import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import { freeAddressIn, freePublicAddressIn, isTaken } from '#apis/ec2/address-tables.ts'
import { ec2Key, networkInterfaces, subnets } from '#apis/ec2/tables.ts'
import type { TaskDefinitionRecord } from '#apis/ecs/model/task-definition.ts'
import { desiredStatus, type TaskRecord } from '#apis/ecs/model/task.ts'
import { tasks } from '#apis/ecs/tables.ts'
import { newLogGroup } from '#apis/logs/model/log-group.ts'
import { newLogStream } from '#apis/logs/model/log-stream.ts'
import { logGroupNamed, logGroups, logStreamNamed, logStreams } from '#apis/logs/tables.ts'
import type { Clock } from '#base/clock.ts'
import { Fault } from '#base/fault.ts'
import type { Random } from '#base/random.ts'
import type { Store, Transaction } from '#store/store.ts'
import { type LogPlace, logOptions, logPlace } from './log-options.ts'
import { provisioned, subnetGone, subnetsToTry, taskInterface, unsupportedResources } from './provision-plan.ts'
import { LOG_GROUP_MISSING } from './reasons.ts'
import { roster } from './roster.ts'
import { unknownIsolation } from './translate.ts'

export interface Provisioning {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  /** This instance's share of the public addresses; all of them when absent. */
  readonly publicAddressPool?: string
}

/** Thrown out of the transaction, so that nothing of it remains; the message is ECS's reason. */
class Unprovided extends Error {}

/** Undefined when it is done, or no longer wanted; otherwise why the task cannot start. */
export const provision = async (
  { store, clock, random, publicAddressPool }: Provisioning,
  arn: string,
  definition: TaskDefinitionRecord,
): Promise<string | undefined> => {
  const now = clock.now()
  try {
    await store.write(async (tx) => {
      const task = await tx.get(tasks, arn)
      if (task === undefined || desiredStatus(task) === 'STOPPED') return
      if (task.status.networkInterfaceId !== undefined) return
      const members = roster(task, definition)
      const unsupported = unknownIsolation(task) ?? unsupportedResources(members)
      if (unsupported !== undefined) throw new Unprovided(unsupported)
      for (const member of members) {
        const options = logOptions(member)
        if (options !== undefined) await openLog(tx, logPlace(task, member, options), now.getTime())
      }
      const made = await newInterface(tx, task, publicAddressPool, now, random)
      await tx.put(networkInterfaces, made)
      await tx.put(tasks, provisioned(task, made))
    })
    return undefined
  } catch (error) {
    if (error instanceof Unprovided) return error.message
    throw error
  }
}

/** What the awslogs driver does before the container starts. */
const openLog = async (
  tx: Transaction,
  { scope, group, stream, createGroup }: LogPlace,
  now: number,
): Promise<void> => {
  if ((await logGroupNamed(tx, scope, group)) === undefined) {
    if (!createGroup) throw new Unprovided(LOG_GROUP_MISSING)
    await tx.put(logGroups, newLogGroup(scope, { name: group, creationTime: now }))
  }
  if ((await logStreamNamed(tx, scope, group, stream)) === undefined) {
    await tx.put(logStreams, newLogStream(scope, group, stream, now))
  }
}

const newInterface = async (
  tx: Transaction,
  task: TaskRecord,
  publicPool: string | undefined,
  now: Date,
  random: Random,
): Promise<NetworkInterfaceRecord> => {
  const publicIp = task.spec.assignPublicIp ? await freePublicAddressIn(tx, publicPool, now, random) : undefined
  const refusals: string[] = []
  for (const id of subnetsToTry(task)) {
    const subnet = await tx.get(subnets, ec2Key(task.scope, id))
    if (subnet === undefined) {
      refusals.push(subnetGone(id, task))
      continue
    }
    const offer = { subnet, privateIp: await freeAddressIn(tx, subnet, now, random), publicIp }
    const made = taskInterface(task, offer, now, random)
    if ('failed' in made) {
      refusals.push(made.failed)
      continue
    }
    for (const address of made.spec.ipv6Addresses ?? []) {
      // Of so many hardly ever: the turn that fails with this is tried again, and chooses anew.
      if (await isTaken(tx, subnet, address, now)) throw new Fault('busy', `${address} is in use`)
    }
    return made
  }
  throw new Unprovided(refusals[0] ?? subnetGone('', task))
}
