// Changes how a listener speaks and what it does by default; what a call does not name stays.

import type { ModifyListenerInput, ModifyListenerOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import { describeListener } from '../model/describe-listener.ts'
import { requestedActions } from '../model/requested-action.ts'
import { requestedSpeech } from '../model/requested-listener.ts'
import { existingListener, existingLoadBalancer, listeners, rulesOf } from '../tables.ts'
import { checkCertificates, checkDatagrams, checkPortIsFree, checkTraffic } from '../traffic.ts'

export const modifyListener: Operation<ModifyListenerInput, ModifyListenerOutput> = async (input, call) => {
  const { scope } = call
  const changed = await call.store.write(async (tx) => {
    const listener = await existingListener(tx, scope, input.ListenerArn)
    const balancer = await existingLoadBalancer(tx, scope, listener.loadBalancerArn)
    const speech = requestedSpeech(input, { type: balancer.type, scope, before: listener.spec })
    await checkDatagrams(tx, balancer, speech.protocol)
    await checkPortIsFree(tx, balancer, speech.port, listener)
    await checkCertificates(tx, speech.defaultCertificateArn === undefined ? [] : [speech.defaultCertificateArn])
    const { DefaultActions } = input
    const defaultActions =
      DefaultActions === undefined ? listener.spec.defaultActions : requestedActions(DefaultActions, speech, scope)
    await checkTraffic(tx, balancer, speech.protocol, defaultActions)
    if (speech.protocol !== listener.spec.protocol) {
      // The rules must fit the new protocol too.
      for (const { spec } of await rulesOf(tx, listener.arn)) {
        await checkTraffic(tx, balancer, speech.protocol, spec.actions)
      }
    }
    const next = { ...listener, spec: { ...speech, defaultActions, attributes: listener.spec.attributes } }
    await tx.put(listeners, next)
    return next
  })
  return { Listeners: [describeListener(changed)] }
}
