// requiresAttributes: what a container instance would have to offer. Fargate answers them and places by none of them.

import type { Attribute, ContainerDefinition, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs'
import type { Checked } from '#aws/operation.ts'

type Definition = Checked<RegisterTaskDefinitionRequest>

const DOCKER_API = 'com.amazonaws.ecs.capability.docker-remote-api.'
const LOGGING = 'com.amazonaws.ecs.capability.logging-driver.'

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-capabilities.html */
export const requiredAttributes = (definition: Definition): Attribute[] => {
  const names = new Set<string>()
  if (definition.taskRoleArn !== undefined) names.add('com.amazonaws.ecs.capability.task-iam-role')
  if (definition.networkMode === 'awsvpc') names.add(`${DOCKER_API}1.18`).add('ecs.capability.task-eni')
  if (definition.pidMode !== undefined || definition.ipcMode !== undefined)
    names.add('ecs.capability.pid-ipc-namespace-sharing')
  if (definition.volumes?.some((volume) => volume.efsVolumeConfiguration !== undefined) === true) {
    names.add(`${DOCKER_API}1.25`).add('ecs.capability.efs')
  }
  for (const container of definition.containerDefinitions) {
    for (const name of containerAttributes(container, definition.executionRoleArn)) names.add(name)
  }
  return [...names].map((name) => ({ name }))
}

function* containerAttributes(
  container: ContainerDefinition,
  executionRoleArn: string | undefined,
): Generator<string, void> {
  const { logConfiguration, linuxParameters, secrets = [], image = '' } = container
  const driver = logConfiguration?.logDriver
  if (driver !== undefined) {
    yield `${DOCKER_API}1.18`
    yield `${LOGGING}${driver}`
    if (driver === 'awslogs' && executionRoleArn !== undefined) yield 'ecs.capability.execution-role-awslogs'
    if (driver === 'awslogs') yield `${DOCKER_API}1.19`
  }
  if (image.includes('.dkr.ecr.')) {
    yield 'com.amazonaws.ecs.capability.ecr-auth'
    if (executionRoleArn !== undefined) yield 'ecs.capability.execution-role-ecr-pull'
  }
  if (secrets.length > 0) {
    yield secrets.some(({ valueFrom = '' }) => valueFrom.includes(':secretsmanager:'))
      ? 'ecs.capability.secrets.asm.environment-variables'
      : 'ecs.capability.secrets.ssm.environment-variables'
  }
  if (container.healthCheck !== undefined) yield 'ecs.capability.container-health-check'
  if ((container.dependsOn ?? []).length > 0 || container.stopTimeout !== undefined) {
    yield 'ecs.capability.container-ordering'
  }
  if ((container.environmentFiles ?? []).length > 0) yield 'ecs.capability.env-files.s3'
  if (container.firelensConfiguration !== undefined) {
    yield `ecs.capability.firelens.${container.firelensConfiguration.type}`
  }
  if (container.privileged === true) yield 'com.amazonaws.ecs.capability.privileged-container'
  if (container.repositoryCredentials !== undefined)
    yield 'ecs.capability.private-registry-authentication.secretsmanager'
  if (linuxParameters?.initProcessEnabled === true) yield `${DOCKER_API}1.25`
}
