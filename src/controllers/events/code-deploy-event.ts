// "CodeDeploy Deployment State-change Notification", from what the deployment controller records. Pure.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html

import { type DeploymentRecord, type DeploymentState } from '#apis/codedeploy/model/deployment.ts'
import { clusterArn, codeDeployApplicationArn, codeDeployGroupArn, serviceArn } from '#aws/arn.ts'
import type { Told } from './envelope.ts'

/** A deployment only goes on: what is told of it has one of these versions. One that waits for nobody is never ready. */
const STATES: Readonly<Record<Exclude<DeploymentState, 'Created'>, readonly [name: string, version: number]>> = {
  InProgress: ['START', 1],
  Ready: ['READY', 2],
  Succeeded: ['SUCCESS', 3],
  Failed: ['FAILURE', 3],
  Stopped: ['STOP', 3],
}

/** All that there is to tell: how it stands and, before that, that it began, which may have been the same moment. */
export const codeDeployEvents = (deployment: DeploymentRecord): Told[] => {
  const { state } = deployment.progress
  return state === 'Created' ? [] : [toldOf(deployment, 'InProgress'), toldOf(deployment, state)]
}

const toldOf = (deployment: DeploymentRecord, became: keyof typeof STATES): Told => {
  const { id, scope, applicationName, groupName, groupId, spec } = deployment
  const [state, version] = STATES[became]
  const { clusterName, serviceName } = spec.ecsService
  return {
    scope,
    source: 'aws.codedeploy',
    detailType: 'CodeDeploy Deployment State-change Notification',
    resources: [
      codeDeployGroupArn(scope, applicationName, groupName),
      codeDeployApplicationArn(scope, applicationName),
    ],
    about: [serviceArn(scope, clusterName, serviceName), clusterArn(scope, clusterName)],
    state: { of: id, version },
    detail: {
      region: scope.region,
      deploymentId: id,
      // The same for all deployments of a group; AWS does not tell what it names.
      instanceGroupId: groupId,
      deploymentGroup: groupName,
      state,
      application: applicationName,
    },
  }
}
