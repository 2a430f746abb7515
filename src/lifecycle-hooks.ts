// Lifecycle hooks over HTTP: what a Lambda function would be handed is posted to an endpoint, until there are functions.
// Only to endpoints that the person who runs Neargate has named: a tenant must not reach the host's own services.

import type { Clock } from '#base/clock.ts'
import type { InvokeHook } from '#controllers/codedeploy/hooks.ts'
import type { AskHook, HookCall } from '#controllers/service/seams.ts'

/** AWS: a function may take fifteen minutes. */
const HOOK_SECONDS = 900
/** AWS: how long to wait before a hook that is still busy is asked again. */
const ASK_AGAIN_SECONDS = 30
const ANSWER_CHARACTERS = 64 * 1024

interface Answer {
  readonly hookStatus?: unknown
  readonly callBackDelay?: unknown
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html */
const payload = (call: HookCall): object => ({
  executionId: call.hookId,
  lifecycleStage: call.stage,
  resourceArn: call.deployment.arn,
  executionDetails: {
    serviceArn: call.deployment.serviceArn,
    targetServiceRevisionArn: call.deployment.spec.targetRevisionArn,
    testTrafficWeights: call.testWeights,
    productionTrafficWeights: call.productionWeights,
  },
  ...(call.details === undefined ? {} : { hookDetails: call.details }),
})

/** What the endpoint answers, as text. Throws where it may not be asked, does not answer, or answers with a failure. */
const post = async (url: string, body: object, allowed: readonly string[], clock: Clock): Promise<string> => {
  if (!URL.canParse(url) || !allowed.some((start) => isBelow(url, start))) {
    throw new Error(`${url} is not an allowed hook; start with NEARGATE_LIFECYCLE_HOOKS=<its URL>`)
  }
  const over = new AbortController()
  const done = new AbortController()
  void clock.sleep(HOOK_SECONDS, done.signal).then(() => over.abort())
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: over.signal,
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${url} answered ${response.status}`)
    return text.slice(0, ANSWER_CHARACTERS)
  } finally {
    done.abort()
  }
}

/** Compared as they are read, so that nothing that only looks alike passes. */
const isBelow = (url: string, start: string): boolean =>
  URL.canParse(start) && new URL(url).href.startsWith(new URL(start).href)

/** Throws where the endpoint is not allowed, does not answer, or not as a hook must: the deployment goes back. */
export const httpHooks =
  (allowed: readonly string[], clock: Clock): AskHook =>
  async (call) => {
    const { hookStatus, callBackDelay } = JSON.parse(
      await post(call.targetArn, payload(call), allowed, clock),
    ) as Answer
    if (hookStatus === 'SUCCEEDED' || hookStatus === 'FAILED') return { status: hookStatus }
    if (hookStatus !== 'IN_PROGRESS') throw new Error(`${call.targetArn} answered without a hookStatus that is known`)
    const seconds = typeof callBackDelay === 'number' && callBackDelay > 0 ? callBackDelay : ASK_AGAIN_SECONDS
    return { status: 'IN_PROGRESS', askAgainAt: clock.now().getTime() + seconds * 1000 }
  }

/**
 * The same for CodeDeploy, whose hooks answer by PutLifecycleEventHookExecutionStatus; what the endpoint says is not read.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/tutorial-ecs-with-hooks-create-hooks.html
 */
export const httpDeploymentHooks =
  (allowed: readonly string[], clock: Clock): InvokeHook =>
  async ({ deploymentId, hookExecutionId, target }) => {
    const body = { DeploymentId: deploymentId, LifecycleEventHookExecutionId: hookExecutionId }
    await post(target, body, allowed, clock)
  }
