// DescribeServices: up to ten services of one cluster, with their deployments, counts and newest events.

import type { DescribeServicesRequest, DescribeServicesResponse, Failure, Service } from '@aws-sdk/client-ecs'
import { serviceArn } from '#aws/arn.ts'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import { serviceArnOf } from '../model/identifiers.ts'
import { SERVICES_PER_DESCRIBE } from '../model/limits.ts'
import { describedService } from '../service-views.ts'
import { activeCluster, serviceByArn } from '../tables.ts'

export const describeServices: Operation<DescribeServicesRequest, DescribeServicesResponse> = async (input, call) => {
  const { scope } = call
  if (input.services.length === 0) throw InvalidParameterException('Services cannot be empty.')
  if (input.services.length > SERVICES_PER_DESCRIBE) {
    throw InvalidParameterException(`Services can have at most ${SERVICES_PER_DESCRIBE} items.`)
  }
  const tags = input.include?.includes('TAGS') ?? false
  return call.store.read(async (reader) => {
    const cluster = await activeCluster(reader, scope, input.cluster)
    const services: Service[] = []
    const failures: Failure[] = []
    for (const named of new Set(input.services)) {
      const arn = serviceArnOf(scope, cluster.name, named)
      const service = arn === undefined ? undefined : await serviceByArn(reader, arn)
      if (service !== undefined) services.push(await describedService(reader, service, { tags }))
      else {
        const missing = named.startsWith('arn:') ? named : serviceArn(scope, cluster.name, named)
        failures.push({ arn: missing, reason: 'MISSING' })
      }
    }
    return { services, failures }
  })
}
