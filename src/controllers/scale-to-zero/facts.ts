// What is recorded of the services that may sleep, and of the load balancers that could wake them.

import type { ServiceRecord } from '#apis/ecs/model/service.ts'
import { servicesThatSleep, sleepingServices, targetGroupsOfService } from '#apis/ecs/tables.ts'
import type { SleepingServiceRecord } from '#apis/ecs/model/scale-to-zero.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { loadBalancerOfGroup, targetGroupByArn } from '#apis/elbv2/tables.ts'
import type { ServiceArn } from '#aws/arn.ts'
import type { Reader } from '#store/store.ts'

export interface ServiceFacts {
  readonly service: ServiceRecord
  readonly sleeping: SleepingServiceRecord | undefined
  /** Where its requests come from: the ids of its target groups, each with its load balancer. */
  readonly doors: readonly { readonly groupId: string; readonly balancer: LoadBalancerRecord }[]
  /** Every target group of it has an application load balancer. */
  readonly canBeWoken: boolean
}

const serviceFacts = async (reader: Reader, service: ServiceRecord): Promise<ServiceFacts> => {
  const groups = await targetGroupsOfService(reader, service)
  const doors: { groupId: string; balancer: LoadBalancerRecord }[] = []
  for (const arn of groups) {
    const group = await targetGroupByArn(reader, arn)
    const balancer = await loadBalancerOfGroup(reader, arn)
    if (group !== undefined && balancer !== undefined) doors.push({ groupId: group.id, balancer })
  }
  const canBeWoken = doors.length > 0 && doors.every(({ balancer }) => balancer.type === 'application')
  return { service, sleeping: await reader.get(sleepingServices, service.arn), doors, canBeWoken }
}

export const loadServices = async (reader: Reader): Promise<ServiceFacts[]> =>
  Promise.all((await servicesThatSleep(reader)).map((service) => serviceFacts(reader, service)))

export const loadService = async (reader: Reader, arn: ServiceArn): Promise<ServiceFacts | undefined> =>
  (await loadServices(reader)).find(({ service }) => service.arn === arn)
