// The resources that an ARN with tags may name: a load balancer, target group, listener or rule.

import { parseArn } from '#aws/arn.ts'
import type { Scope } from '#aws/scope.ts'
import type { Reader, Table, Transaction } from '#store/store.ts'
import { validationError } from './errors.ts'
import { RESOURCES_PER_TAG_CALL } from './model/limits.ts'
import type { TagRecord } from './model/tags.ts'
import {
  existingListener,
  existingLoadBalancer,
  existingRule,
  existingTargetGroup,
  listeners,
  loadBalancers,
  rules,
  targetGroups,
} from './tables.ts'

interface Tagged {
  readonly tags: readonly TagRecord[]
}

interface Kind<Row extends Tagged> {
  readonly table: Table<Row>
  readonly existing: (reader: Reader, scope: Scope, arn: string) => Promise<Row>
}

const kind = <Row extends Tagged>(table: Table<Row>, existing: Kind<Row>['existing']): Kind<Tagged> =>
  ({ table, existing }) as unknown as Kind<Tagged>

const KINDS: Readonly<Record<string, Kind<Tagged>>> = {
  loadbalancer: kind(loadBalancers, existingLoadBalancer),
  targetgroup: kind(targetGroups, existingTargetGroup),
  listener: kind(listeners, existingListener),
  'listener-rule': kind(rules, existingRule),
}

const kindOf = (arn: string): Kind<Tagged> => {
  const type = parseArn(arn)?.resource.split('/')[0] ?? ''
  if (!Object.hasOwn(KINDS, type)) throw validationError(`'${arn}' is not a valid load balancer ARN`)
  return KINDS[type]!
}

export const checkResourceCount = (arns: readonly string[]): void => {
  if (arns.length > RESOURCES_PER_TAG_CALL) {
    throw validationError(`You can specify up to ${RESOURCES_PER_TAG_CALL} resources in a single call`)
  }
}

export const tagsOf = async (reader: Reader, scope: Scope, arn: string): Promise<readonly TagRecord[]> =>
  (await kindOf(arn).existing(reader, scope, arn)).tags

export const retagged = async (
  tx: Transaction,
  scope: Scope,
  arn: string,
  change: (tags: readonly TagRecord[]) => readonly TagRecord[],
): Promise<void> => {
  const { table, existing } = kindOf(arn)
  const row = await existing(tx, scope, arn)
  await tx.put(table, { ...row, tags: change(row.tags) })
}
