// Roles that AWS's services make for themselves. Pure.

import { managedPolicyArn } from '#aws/arn.ts'
import { InvalidInput } from '../errors.ts'
import type { Owner, RoleRecord } from './records.ts'
import { newRole, type RoleWish, SERVICE_ROLE_PATH } from './role.ts'

interface LinkedService {
  readonly role: string
  readonly policy: string
  readonly description: string
}

const SERVICES: Readonly<Record<string, LinkedService>> = {
  'ecs.amazonaws.com': {
    role: 'AWSServiceRoleForECS',
    policy: 'AmazonECSServiceRolePolicy',
    description: 'Role to enable Amazon ECS to manage your cluster.',
  },
}

export const newServiceLinkedRole = (
  service: string,
  suffix: string | undefined,
  wish: Pick<RoleWish, 'owner' | 'description' | 'now' | 'random'>,
): RoleRecord => {
  const linked = Object.hasOwn(SERVICES, service) ? SERVICES[service] : undefined
  if (linked === undefined) {
    throw InvalidInput(`Service Linked Roles are not supported for the service ${service}.`)
  }
  if (suffix !== undefined) throw InvalidInput(`Custom suffix is not allowed for ${service}`)
  const statement = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }
  const role = newRole({
    ...wish,
    name: linked.role,
    path: `${SERVICE_ROLE_PATH}${service}/`,
    description: wish.description ?? linked.description,
    trustPolicy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    maxSessionSeconds: undefined,
    permissionsBoundary: undefined,
    tags: [],
  })
  return { ...role, attachedPolicyArns: [linkedPolicyArn(wish.owner, linked.policy)] }
}

const linkedPolicyArn = (owner: Owner, policy: string): string =>
  managedPolicyArn(owner.partition, SERVICE_ROLE_PATH, policy)
