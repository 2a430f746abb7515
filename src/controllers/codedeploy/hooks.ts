// What the deployment controller asks of whoever invokes hooks.

/** What a hook's function is handed. https://docs.aws.amazon.com/codedeploy/latest/userguide/tutorial-ecs-with-hooks-create-hooks.html */
export interface DeploymentHookCall {
  readonly deploymentId: string
  readonly hookExecutionId: string
  /** A function's name or ARN, or the URL of an endpoint. */
  readonly target: string
}

/**
 * Invokes a hook; its answer comes by PutLifecycleEventHookExecutionStatus. May be invoked again for the same execution
 * after a crash. Throws when it cannot be invoked: the lifecycle event fails.
 */
export type InvokeHook = (call: DeploymentHookCall) => Promise<void>

/** Nothing can be invoked: a deployment with hooks fails. */
export const NO_DEPLOYMENT_HOOKS: InvokeHook = async ({ target }) => {
  throw new Error(`${target} cannot be invoked`)
}
