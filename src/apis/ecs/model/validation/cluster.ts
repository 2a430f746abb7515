// Clusters: names, settings, configuration and capacity providers.

import type { ClusterConfiguration, ClusterSetting, CreateClusterRequest } from '@aws-sdk/client-ecs'
import type { Checked } from '#aws/operation.ts'
import { tagProblem } from '#aws/tags.ts'
import { ACCOUNT_SETTINGS } from '../account-setting.ts'
import { capacityProviderProblems, strategyProblems } from '../capacity.ts'
import { NAME_CHARACTERS } from '../limits.ts'
import { NAME } from './containers.ts'
import type { Problems } from './problem.ts'

export function* clusterProblems(request: Checked<CreateClusterRequest>): Problems {
  const { clusterName, settings = [], tags = [], capacityProviders = [] } = request
  if (clusterName !== undefined && (!NAME.test(clusterName) || clusterName.length > NAME_CHARACTERS)) {
    yield 'Cluster name contains invalid characters.'
  }
  yield* clusterSettingProblems(settings)
  yield* configurationProblems(request.configuration)
  yield* capacityProviderProblems(capacityProviders)
  yield* strategyProblems(request.defaultCapacityProviderStrategy ?? [], capacityProviders)
  const problem = tagProblem(tags)
  if (problem !== undefined) yield problem
}

export function* clusterSettingProblems(settings: readonly ClusterSetting[]): Problems {
  for (const { name = '', value = '' } of settings) {
    if (name !== 'containerInsights') yield `${name} should be one of [containerInsights]`
    const { values } = ACCOUNT_SETTINGS.containerInsights
    if (!values.includes(value)) yield `${value} should be one of [${values.join(',')}]`
  }
}

export function* configurationProblems(configuration: ClusterConfiguration | undefined): Problems {
  const { logging, logConfiguration } = configuration?.executeCommandConfiguration ?? {}
  if (logConfiguration !== undefined && logging !== 'OVERRIDE') {
    yield `You must set logging to 'OVERRIDE' when you supply a log configuration.`
  }
  const { cloudWatchLogGroupName, s3BucketName } = logConfiguration ?? {}
  if (logging === 'OVERRIDE' && cloudWatchLogGroupName === undefined && s3BucketName === undefined) {
    yield 'A CloudWatch log group name or S3 bucket name must be specified when overriding the default log configuration.'
  }
}

/** Settings that are given replace those of the same name. */
export const mergedSettings = (
  existing: readonly ClusterSetting[],
  given: readonly ClusterSetting[],
): ClusterSetting[] => [...new Map([...existing, ...given].map((setting) => [setting.name, setting])).values()]
