// What a task may ask of its agent beside metadata, below ECS_AGENT_URI: only the control plane can answer it.

import type { TaskMetadataDocument } from './document.ts'

export interface AgentRequest {
  readonly method: string
  readonly path: string
  readonly body: string
}

/** Undefined when the control plane does not answer. */
export type AskAgent = (
  question: AgentRequest & { readonly taskArn: string },
) => Promise<{ readonly status: number; readonly body: unknown } | undefined>

const PATH = /^\/api\/([^/]+)(\/.*)$/
const TASK_PROTECTION = '/task-protection/v1/state'

const failed = (status: number, Code: string, Message: string, Arn?: string) => ({
  status,
  body: { error: { ...(Arn === undefined ? {} : { Arn }), Code, Message } },
})

/** Undefined when the path is none of the agent's. The words are the agent's own (amazon-ecs-agent, tmds). */
export const agentAnswer = async (
  { method, path, body }: AgentRequest,
  document: TaskMetadataDocument | undefined,
  ask: AskAgent | undefined,
): Promise<{ readonly status: number; readonly body: unknown } | undefined> => {
  const [, id, rest] = PATH.exec(path) ?? []
  if (rest !== TASK_PROTECTION || (method !== 'GET' && method !== 'PUT')) return undefined
  // Another task's id is answered like one that never was.
  if (document === undefined || !document.containers.some((one) => one.id === id)) {
    return failed(404, 'ResourceNotFoundException', 'Failed to find a task for the request')
  }
  const taskArn = document.task.TaskARN
  const answer = await ask?.({ method, path: rest, body, taskArn })
  return answer ?? failed(504, 'RequestCanceled', 'Timed out calling ECS Task Protection API', taskArn)
}
