// What things are called in the kernel. Names follow from the ids alone, so that a restart finds what a crash left.

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Fault } from '#base/fault.ts'

/** IFNAMSIZ less the terminating zero. */
const LINK_NAME_CHARACTERS = 15
const INSTANCE = /^[a-z0-9]{1,16}$/

const digest = (text: string, digits: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, digits)

/** Instances of Neargate on one machine share nothing but the machine. Fault "invalid" for anything but [a-z0-9]. */
export const checkInstance = (instance: string): void => {
  if (!INSTANCE.test(instance)) throw new Fault('invalid', `${JSON.stringify(instance)} is no instance name`)
}

/** All links of tasks in a router begin with this, and nothing else there does. */
export const TASK_LINK_PREFIX = 'e'

/** A task's link as the router sees it. 56 bits of the id's digest: no two interfaces of one VPC ever meet. */
export const taskLink = (interfaceId: string): string =>
  TASK_LINK_PREFIX + digest(interfaceId, LINK_NAME_CHARACTERS - TASK_LINK_PREFIX.length)

/** The router's link to the host. */
export const ROUTER_UPLINK = 'up0'
/** The only link of a task. */
export const TASK_INTERFACE = 'eth0'

export const uplinkPrefix = (instance: string): string => `ngu${digest(instance, 5)}`

/** The host's link to the router of a VPC. */
export const uplink = (instance: string, vpcId: string): string => uplinkPrefix(instance) + digest(vpcId, 7)

export const hostTable = (instance: string): string => `ng_${instance}`

export const namespacePath = (runDir: string, id: string): string => join(runDir, 'netns', id)
