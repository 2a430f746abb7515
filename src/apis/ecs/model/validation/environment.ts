// Environment variables, files of them, and secrets.

import type { ContainerDefinition, EnvironmentFile, Secret } from '@aws-sdk/client-ecs'
import { parseArn } from '#aws/arn.ts'
import { ENVIRONMENT_FILES_PER_CONTAINER } from '../limits.ts'
import type { Problems } from './problem.ts'

export function* environmentProblems(containers: readonly ContainerDefinition[]): Problems {
  for (const container of containers) {
    yield* secretProblems(container.secrets)
    yield* environmentFileProblems(container.environmentFiles)
    const plain = new Set((container.environment ?? []).map(({ name }) => name))
    const twice = (container.secrets ?? []).find(({ name }) => plain.has(name))
    if (twice !== undefined) {
      yield (
        `The secret name must be unique and not shared with any new or existing environment variables set on the ` +
          `container, such as '${twice.name}'.`
      )
    }
  }
}

/** A parameter's name or ARN, or a secret's ARN with its optional json-key:version-stage:version-id. */
export function* secretProblems(secrets: readonly Secret[] = []): Problems {
  const names = new Set<string>()
  for (const { name = '', valueFrom = '' } of secrets) {
    if (name === '') yield 'Secret.name should not be null or empty.'
    if (valueFrom === '') yield 'Secret.valueFrom should not be null or empty.'
    if (names.has(name)) yield `Duplicate secret names found: ${name}.`
    names.add(name)
    if (!isSecretReference(valueFrom)) yield `Invalid 'valueFrom' setting for secret '${name}'.`
  }
}

/** Parameter names: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
const PARAMETER_NAME = /^[A-Za-z0-9_.\-/]+$/

const isSecretReference = (text: string): boolean => {
  if (!text.startsWith('arn:')) return PARAMETER_NAME.test(text)
  const arn = parseArn(text)
  if (arn?.service === 'ssm') return arn.resource.startsWith('parameter/')
  if (arn?.service !== 'secretsmanager') return false
  const [kind, name, ...rest] = arn.resource.split(':')
  // Either "secret:name", or all three of json-key, version-stage and version-id, each of which may be empty.
  if (kind !== 'secret' || !name || (rest.length !== 0 && rest.length !== 3)) return false
  const [, stage, id] = rest
  return !stage || !id
}

export function* environmentFileProblems(files: readonly EnvironmentFile[] = []): Problems {
  if (files.length > ENVIRONMENT_FILES_PER_CONTAINER) {
    yield 'The maximum number of environment files was exceeded. Specify ten or less and try again.'
  }
  for (const { value = '', type } of files) {
    const arn = parseArn(value)
    if (arn?.service !== 's3' || !arn.resource.includes('/')) yield 'Invalid arn syntax.'
    if (type !== 's3') yield `Invalid environment file type. It must be one of [s3].`
    if (!value.endsWith('.env')) yield 'The environment file must have a .env file extension.'
  }
}

export function* executionRoleProblems(
  containers: readonly ContainerDefinition[],
  executionRoleArn: string | undefined,
): Problems {
  if (executionRoleArn !== undefined) return
  const lacks = (what: string): string =>
    `When you are specifying container ${what}, you must also specify a value for 'executionRoleArn'.`
  for (const { secrets = [], logConfiguration, environmentFiles = [], repositoryCredentials } of containers) {
    if (secrets.length > 0 || (logConfiguration?.secretOptions ?? []).length > 0) yield lacks('secrets')
    if (environmentFiles.length > 0) yield lacks('environment files')
    if (repositoryCredentials !== undefined) yield lacks('repository credentials')
  }
}

const ECR_IMAGE = /^\d{12}\.dkr[.-]ecr(-fips)?\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|on\.aws)\//

export function* fargateImageProblems(
  containers: readonly ContainerDefinition[],
  executionRoleArn: string | undefined,
): Problems {
  if (executionRoleArn === undefined && containers.some(({ image = '' }) => ECR_IMAGE.test(image))) {
    yield 'Fargate requires task definition to have execution role ARN to support ECR images.'
  }
}
