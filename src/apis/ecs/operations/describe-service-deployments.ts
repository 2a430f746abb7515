// DescribeServiceDeployments: up to twenty service deployments by their ARNs.

import type {
  DescribeServiceDeploymentsRequest,
  DescribeServiceDeploymentsResponse,
  Failure,
  ServiceDeployment,
} from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException } from '../errors.ts'
import { DEPLOYMENTS_PER_DESCRIBE } from '../model/limits.ts'
import { describedDeployment } from '../service-views.ts'
import { deploymentNamed } from '../tables.ts'

export const describeServiceDeployments: Operation<
  DescribeServiceDeploymentsRequest,
  DescribeServiceDeploymentsResponse
> = async ({ serviceDeploymentArns: named }, call) => {
  if (named.length === 0) throw InvalidParameterException('serviceDeploymentArns can not be empty.')
  if (named.length > DEPLOYMENTS_PER_DESCRIBE) {
    throw InvalidParameterException(`serviceDeploymentArns can have at most ${DEPLOYMENTS_PER_DESCRIBE} items.`)
  }
  return call.store.read(async (reader) => {
    const serviceDeployments: ServiceDeployment[] = []
    const failures: Failure[] = []
    for (const arn of new Set(named)) {
      const deployment = await deploymentNamed(reader, call.scope, arn)
      if (deployment === undefined) failures.push({ arn, reason: 'MISSING' })
      else serviceDeployments.push(await describedDeployment(reader, deployment))
    }
    return { serviceDeployments, failures }
  })
}
