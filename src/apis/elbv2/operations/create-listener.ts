// Makes a load balancer answer at a port.

import type { CreateListenerInput, CreateListenerOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { listenerArn, listenerRuleArn } from '#aws/arn.ts'
import type { Call, Operation } from '#aws/operation.ts'
import { TooManyListeners } from '../errors.ts'
import { describeListener } from '../model/describe-listener.ts'
import { LISTENERS_PER_LOAD_BALANCER } from '../model/limits.ts'
import type { ListenerRecord, ListenerSpec } from '../model/listener.ts'
import { loadBalancerPath, type LoadBalancerRecord } from '../model/load-balancer.ts'
import { requestedActions } from '../model/requested-action.ts'
import { requestedSpeech } from '../model/requested-listener.ts'
import { tagged, type TagRecord } from '../model/tags.ts'
import { existingLoadBalancer, listeners, listenersOf } from '../tables.ts'
import { checkCertificates, checkDatagrams, checkPortIsFree, checkTraffic } from '../traffic.ts'

const born = (
  balancer: LoadBalancerRecord,
  spec: ListenerSpec,
  tags: readonly TagRecord[],
  call: Call,
): ListenerRecord => {
  const { scope, random } = call
  const [id, ruleId] = [random.hex(16), random.hex(16)]
  const path = loadBalancerPath(balancer)
  return {
    arn: listenerArn(scope, path, id),
    scope,
    loadBalancerArn: balancer.arn,
    id,
    defaultRuleArn: listenerRuleArn(scope, path, id, ruleId),
    createdAt: call.clock.now().toISOString(),
    tags,
    spec,
  }
}

export const createListener: Operation<CreateListenerInput, CreateListenerOutput> = async (input, call) => {
  const { scope } = call
  const tags = tagged([], input.Tags ?? [])
  const listener = await call.store.write(async (tx) => {
    const balancer = await existingLoadBalancer(tx, scope, input.LoadBalancerArn)
    const speech = requestedSpeech(input, { type: balancer.type, scope })
    const defaultActions = requestedActions(input.DefaultActions, speech, scope)
    await checkDatagrams(tx, balancer, speech.protocol)
    await checkPortIsFree(tx, balancer, speech.port)
    if ((await listenersOf(tx, balancer.arn)).length >= LISTENERS_PER_LOAD_BALANCER) {
      throw TooManyListeners(`The maximum number of listeners for a load balancer is '${LISTENERS_PER_LOAD_BALANCER}'`)
    }
    await checkCertificates(tx, speech.defaultCertificateArn === undefined ? [] : [speech.defaultCertificateArn])
    await checkTraffic(tx, balancer, speech.protocol, defaultActions)
    const made = born(balancer, { ...speech, defaultActions, attributes: {} }, tags, call)
    await tx.put(listeners, made)
    return made
  })
  return { Listeners: [describeListener(listener)] }
}
