// What is recorded that the entries of a load balancer's access log name.

import { X509Certificate } from 'node:crypto'
import { certificateByArn } from '#apis/acm/tables.ts'
import type { ListenerRules } from '#apis/elbv2/model/decision.ts'
import type { LoadBalancerRecord } from '#apis/elbv2/model/load-balancer.ts'
import { listenersOf, rulesOf, targetGroupsOfBalancer } from '#apis/elbv2/tables.ts'
import type { Reader } from '#store/store.ts'
import type { EntryFacts } from './entry.ts'

export const entryFacts = async (reader: Reader, balancer: LoadBalancerRecord): Promise<EntryFacts> => {
  const listeners = new Map<string, ListenerRules>()
  const certificates = new Map<string, string>()
  for (const listener of await listenersOf(reader, balancer.arn)) {
    listeners.set(listener.id, { listener, rules: await rulesOf(reader, listener.arn) })
    const { defaultCertificateArn, certificateArns } = listener.spec
    for (const arn of [...(defaultCertificateArn === undefined ? [] : [defaultCertificateArn]), ...certificateArns]) {
      const certificate = await certificateByArn(reader, arn)
      if (certificate === undefined) continue
      certificates.set(new X509Certificate(certificate.body).fingerprint.replaceAll(':', '').toLowerCase(), arn)
    }
  }
  const groups = new Map((await targetGroupsOfBalancer(reader, balancer)).map((group) => [group.id, group]))
  return { balancer, listeners, groups, certificates }
}
