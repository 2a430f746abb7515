// The agent behind ECS_AGENT_URI: turns what a task asks of it into calls of ECS, in that task's name.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html

import type {
  Failure,
  GetTaskProtectionRequest,
  GetTaskProtectionResponse,
  ProtectedTask,
  UpdateTaskProtectionRequest,
  UpdateTaskProtectionResponse,
} from '@aws-sdk/client-ecs'
import { ecs } from '#apis/ecs/index.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import { taskByArn, taskDefinitionByArn } from '#apis/ecs/tables.ts'
import { assumedRoleArn, lastPart, type TaskArn } from '#aws/arn.ts'
import type { Call, Operation } from '#aws/operation.ts'
import { AwsError } from '#aws/refusal.ts'
import type { AgentAnswer, AgentQuestion } from '#dataplane/edge/contract.ts'

type CallParts = Omit<Call, 'scope' | 'caller' | 'requestId'>

const getTaskProtection = ecs.operations['GetTaskProtection'] as unknown as Operation<
  GetTaskProtectionRequest,
  GetTaskProtectionResponse
>
const updateTaskProtection = ecs.operations['UpdateTaskProtection'] as unknown as Operation<
  UpdateTaskProtectionRequest,
  UpdateTaskProtectionResponse
>

interface Wish {
  readonly enabled: boolean | undefined
  readonly minutes: number | undefined
}

/** Undefined for what the agent's decoder refuses: no JSON object, an unknown member, a member of the wrong type. */
const decoded = (body: string): Wish | undefined => {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || Array.isArray(value)) return undefined
  // The agent's decoder does not mind the case of names, and takes null for absent.
  const members = new Map(Object.entries(value ?? {}).map(([name, member]) => [name.toLowerCase(), member as unknown]))
  const [enabled, minutes] = ['protectionenabled', 'expiresinminutes'].map((name) => members.get(name) ?? undefined)
  members.delete('protectionenabled')
  members.delete('expiresinminutes')
  if (members.size > 0) return undefined
  if (enabled !== undefined && typeof enabled !== 'boolean') return undefined
  if (minutes !== undefined && (typeof minutes !== 'number' || !Number.isInteger(minutes))) return undefined
  return { enabled, minutes }
}

const failed = (status: number, Code: string, Message: string, Arn?: string, requestID?: string): AgentAnswer => ({
  status,
  body: {
    ...(requestID === undefined ? {} : { requestID }),
    error: { ...(Arn === undefined ? {} : { Arn }), Code, Message },
  },
})

interface Protection {
  readonly protectedTasks?: readonly ProtectedTask[] | undefined
  readonly failures?: readonly Failure[] | undefined
}

const shown = (answer: Protection): AgentAnswer => {
  const [failure] = answer.failures ?? []
  if (failure !== undefined) {
    const { arn, reason, detail } = failure
    return { status: 200, body: { failure: { Arn: arn, Reason: reason, Detail: detail ?? null } } }
  }
  const { taskArn, protectionEnabled, expirationDate } = answer.protectedTasks?.[0] ?? {}
  return {
    status: 200,
    body: {
      protection: {
        ExpirationDate: expirationDate ?? null,
        ProtectionEnabled: protectionEnabled ?? false,
        TaskArn: taskArn,
      },
    },
  }
}

/** The role whose permissions the call has. Without one, the agent has nothing to call ECS with. */
const roleOf = async (parts: CallParts, task: TaskRecord): Promise<string | undefined> => {
  const definition = await parts.store.read((reader) => taskDefinitionByArn(reader, task.spec.taskDefinitionArn))
  return task.spec.overrides.taskRoleArn ?? definition?.taskRoleArn
}

const asked = async (parts: CallParts, task: TaskRecord, role: string, wish: Wish | undefined) => {
  const requestId = parts.random.uuid()
  const { scope } = task
  const arn = assumedRoleArn(scope, lastPart(role), task.id)
  const call: Call = { ...parts, scope, requestId, caller: { account: scope.account, arn, userId: task.id } }
  const target = { cluster: task.clusterArn, tasks: [task.arn] }
  try {
    if (wish?.enabled === undefined) return shown(await getTaskProtection(target, call))
    const { enabled: protectionEnabled, minutes: expiresInMinutes } = wish
    const input = { ...target, protectionEnabled, ...(expiresInMinutes === undefined ? {} : { expiresInMinutes }) }
    return shown(await updateTaskProtection(input, call))
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return failed(error.fault === 'client' ? 400 : 500, error.code, error.message, task.arn, requestId)
  }
}

/** In the order in which the agent looks: the request's form, the task, the request's sense, the task's role. */
export const taskAgent =
  (parts: CallParts) =>
  async ({ taskArn, method, body }: AgentQuestion): Promise<AgentAnswer> => {
    const wish = method === 'PUT' ? decoded(body) : undefined
    if (method === 'PUT' && wish === undefined) {
      return failed(400, 'InvalidParameterException', 'UpdateTaskProtection: failed to decode request')
    }
    const task = await parts.store.read((reader) => taskByArn(reader, taskArn as TaskArn))
    if (task === undefined) return failed(404, 'ResourceNotFoundException', 'Failed to find a task for the request')
    if (wish !== undefined && wish.enabled === undefined) {
      const message = "Invalid request: does not contain 'ProtectionEnabled' field"
      return failed(400, 'InvalidParameterException', message, task.arn)
    }
    const role = await roleOf(parts, task)
    if (role === undefined) {
      const message = 'Invalid Request: no task IAM role credentials available for task'
      return failed(403, 'AccessDeniedException', message, task.arn)
    }
    return asked(parts, task, role, wish)
  }
