// A service that CodeDeploy deploys, with its application and deployment group, and what its deployments are made from.

import { createHash } from 'node:crypto'
import {
  type CodeDeployClient,
  CreateApplicationCommand,
  CreateDeploymentGroupCommand,
} from '@aws-sdk/client-codedeploy'
import { CreateServiceCommand } from '@aws-sdk/client-ecs'
import type { Front } from './front.ts'
import type { Instance } from './instance.ts'

export const DEPLOYED = { applicationName: 'AppECS-default-web', deploymentGroupName: 'DgpECS-default-web' }

/** "web": two tasks in the target group blue behind the port 80, with green as the other one and a test listener at 81. */
export const codeDeployed = async (
  instance: Instance,
  codedeploy: CodeDeployClient,
  front: Front,
  word: string,
): Promise<void> => {
  const blue = await front.group('blue')
  const green = await front.group('green')
  const production = await front.listener(80, blue)
  const test = await front.listener(81, green)
  await instance.ecs.send(
    new CreateServiceCommand({
      serviceName: 'web',
      taskDefinition: await front.app(word),
      desiredCount: 2,
      launchType: 'FARGATE',
      deploymentController: { type: 'CODE_DEPLOY' },
      networkConfiguration: { awsvpcConfiguration: { subnets: front.subnets } },
      loadBalancers: [{ targetGroupArn: blue, containerName: 'c0', containerPort: 8080 }],
    }),
  )
  await codedeploy.send(new CreateApplicationCommand({ ...DEPLOYED, computePlatform: 'ECS' }))
  await codedeploy.send(
    new CreateDeploymentGroupCommand({
      ...DEPLOYED,
      serviceRoleArn: `arn:aws:iam::${instance.config.account}:role/deployer`,
      ecsServices: [{ clusterName: 'default', serviceName: 'web' }],
      deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
      blueGreenDeploymentConfiguration: {
        terminateBlueInstancesOnDeploymentSuccess: { action: 'TERMINATE', terminationWaitTimeInMinutes: 0 },
        deploymentReadyOption: { actionOnTimeout: 'CONTINUE_DEPLOYMENT' },
      },
      loadBalancerInfo: {
        targetGroupPairInfoList: [
          {
            targetGroups: [{ name: 'blue' }, { name: 'green' }],
            prodTrafficRoute: { listenerArns: [production] },
            testTrafficRoute: { listenerArns: [test] },
          },
        ],
      },
    }),
  )
}

/** As the GitHub action makes it of an AppSpec file: with another task definition, as JSON, with its hash. */
export const revisionOf = (taskDefinition: string, hooks: object[] = []) => {
  const content = JSON.stringify({
    version: 0,
    Resources: [
      {
        TargetService: {
          Type: 'AWS::ECS::Service',
          Properties: {
            TaskDefinition: taskDefinition,
            LoadBalancerInfo: { ContainerName: 'c0', ContainerPort: 8080 },
          },
        },
      },
    ],
    ...(hooks.length === 0 ? {} : { Hooks: hooks }),
  })
  const sha256 = createHash('sha256').update(content).digest('hex')
  return { revisionType: 'AppSpecContent' as const, appSpecContent: { content, sha256 } }
}
