// Deployments of services in tests: whether one is done, what it waits for, and the word that lets it go on.

import {
  ContinueServiceDeploymentCommand,
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  type Service,
} from '@aws-sdk/client-ecs'
import type { Instance } from './instance.ts'

export const serviceNamed = async ({ ecs }: Instance, name: string): Promise<Service> =>
  (await ecs.send(new DescribeServicesCommand({ services: [name] }))).services?.[0] ?? {}

/** Its newest deployment is complete, and nothing of an older one is left. */
export const isDeployed = async (instance: Instance, name: string, family: string): Promise<boolean> => {
  const { deployments = [], events = [] } = await serviceNamed(instance, name)
  const [first] = deployments
  const isComplete = deployments.length === 1 && first?.rolloutState === 'COMPLETED'
  return isComplete && first.taskDefinition?.includes(`/${family}:`) === true && events.length > 0
}

/** The PAUSE hook that the service's deployment waits at. */
export const waitingHook = async (instance: Instance, name: string): Promise<string | undefined> => {
  const { currentServiceDeployment: arn = '' } = await serviceNamed(instance, name)
  const found = await instance.ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] }))
  const hooks = found.serviceDeployments?.[0]?.lifecycleHookDetails ?? []
  return hooks.find(({ status }) => status === 'AWAITING_ACTION')?.hookId
}

export const letGoOn = async (instance: Instance, name: string, hookId = ''): Promise<void> => {
  const { currentServiceDeployment: serviceDeploymentArn = '' } = await serviceNamed(instance, name)
  await instance.ecs.send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, action: 'CONTINUE' }))
}
