// ContinueServiceDeployment: answers the hook at which a deployment has paused.

import type { ContinueServiceDeploymentRequest, ContinueServiceDeploymentResponse } from '@aws-sdk/client-ecs'
import type { Operation } from '#aws/operation.ts'
import { InvalidParameterException, ServiceDeploymentNotFoundException } from '../errors.ts'
import { deploymentNamed, serviceDeployments } from '../tables.ts'

export const continueServiceDeployment: Operation<
  ContinueServiceDeploymentRequest,
  ContinueServiceDeploymentResponse
> = async ({ serviceDeploymentArn, hookId, action = 'CONTINUE' }, call) =>
  call.store.write(async (tx) => {
    const deployment = await deploymentNamed(tx, call.scope, serviceDeploymentArn)
    if (deployment === undefined) throw ServiceDeploymentNotFoundException('Service deployment not found.')
    const { spec, progress } = deployment
    const hook = progress.hooks.find((one) => one.hookId === hookId)
    if (hook === undefined) {
      throw InvalidParameterException(`The lifecycle hook ${hookId} does not exist in the service deployment.`)
    }
    if (hook.status !== 'AWAITING_ACTION' || spec.answers[hookId] !== undefined) {
      throw InvalidParameterException(`The lifecycle hook ${hookId} is not awaiting an action.`)
    }
    const answers = { ...spec.answers, [hookId]: action }
    await tx.put(serviceDeployments, { ...deployment, spec: { ...spec, answers } })
    return { serviceDeploymentArn: deployment.arn }
  })
