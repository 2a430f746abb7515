// A new revision of a service and the deployment that rolls it out, put on record together with the service.

import type { Call } from '#aws/operation.ts'
import type { Transaction } from '#store/store.ts'
import { newDeployment, newRevision } from './model/new-deployment.ts'
import type { RevisionTemplate } from './model/service-revision.ts'
import { deployedTo, type ServiceRecord } from './model/service.ts'
import { liveRevisions } from './service-views.ts'
import { serviceDeployments, serviceRevisions, services } from './tables.ts'

/** An older deployment that is still under way is ended by the service controller: this one replaces it. */
export const deployed = async (
  tx: Transaction,
  call: Call,
  service: ServiceRecord,
  template: RevisionTemplate,
): Promise<ServiceRecord> => {
  const { random } = call
  const at = call.clock.now().toISOString()
  const sources = (await liveRevisions(tx, service)).map(({ revision }) => revision)
  // The first of a service has nothing to wait for; a later one is given its share by the controller, step by step.
  const desiredCount = sources.length === 0 ? service.spec.desiredCount : 0
  const target = newRevision(service, template, { random, at, desiredCount, sources })
  const deployment = newDeployment(service, target, { sources, random, at })
  const changed = deployedTo(service, target.arn, deployment.arn)
  await tx.put(serviceRevisions, target)
  await tx.put(serviceDeployments, deployment)
  await tx.put(services, changed)
  return changed
}
