// Reads what a turn decides on, within the turn's transaction.

import { isShift } from '#apis/codedeploy/model/deployment.ts'
import { deployments } from '#apis/codedeploy/tables.ts'
import { serviceByArn, taskSetsOfService } from '#apis/ecs/tables.ts'
import { listeners, rulesOf } from '#apis/elbv2/tables.ts'
import type { ListenerArn } from '#aws/arn.ts'
import type { Alarms } from '#controllers/service/seams.ts'
import type { Reader } from '#store/store.ts'
import type { Facts } from './facts.ts'
import type { Route } from './traffic.ts'

const routeOf = async (reader: Reader, arn: ListenerArn | undefined): Promise<Route | undefined> => {
  const listener = arn === undefined ? undefined : await reader.get(listeners, arn)
  return listener === undefined ? undefined : { listener, rules: await rulesOf(reader, listener.arn) }
}

/** Undefined when there is no such deployment. */
export const factsOf = async (
  reader: Reader,
  id: string,
  world: { readonly alarms: Alarms; readonly failedHooks: Facts['failedHooks']; readonly now: Date },
): Promise<Facts | undefined> => {
  const deployment = await reader.get(deployments, id)
  if (deployment === undefined) return undefined
  const { shift } = deployment.spec
  const { now, failedHooks } = world
  const alarms: Facts['alarms'] = (name) => world.alarms.state(deployment.scope, name)
  if (!isShift(shift)) return { deployment, taskSets: [], alarms, failedHooks, now }
  const service = await serviceByArn(reader, shift.serviceArn)
  const production = await routeOf(reader, shift.productionListenerArn)
  const test = await routeOf(reader, shift.testListenerArn)
  return {
    deployment,
    ...(service?.status.state === 'ACTIVE' ? { service } : {}),
    taskSets: await taskSetsOfService(reader, shift.serviceArn),
    ...(production === undefined ? {} : { production }),
    ...(test === undefined ? {} : { test }),
    alarms,
    failedHooks,
    now,
  }
}
