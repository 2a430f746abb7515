// Shows how a group's targets are: all of them, or those that are named.

import type {
  DescribeTargetHealthInput,
  DescribeTargetHealthOutput,
  TargetDescription,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Operation } from '#aws/operation.ts'
import type { TargetGroupRecord } from '../model/target-group.ts'
import { describeTargetHealth as describe, healthOf } from '../model/target-health.ts'
import { HEALTH, type TargetRecord } from '../model/target.ts'
import { checkTargetId, portOf } from '../registration.ts'
import { existingTargetGroup, loadBalancerOfGroup, targetKey, targetsOf } from '../tables.ts'

type Named = Pick<TargetRecord, 'id' | 'port' | 'availabilityZone'>

const named = (group: TargetGroupRecord, target: TargetDescription): Named => {
  checkTargetId(group, target.Id ?? '')
  const port = portOf(group, target)
  return {
    id: target.Id ?? '',
    ...(port === undefined ? {} : { port }),
    ...(target.AvailabilityZone === undefined ? {} : { availabilityZone: target.AvailabilityZone }),
  }
}

export const describeTargetHealth: Operation<DescribeTargetHealthInput, DescribeTargetHealthOutput> = async (
  input,
  call,
) =>
  call.store.read(async (reader) => {
    const group = await existingTargetGroup(reader, call.scope, input.TargetGroupArn)
    const balancer = await loadBalancerOfGroup(reader, group.arn)
    const rows = (await targetsOf(reader, group.arn))
      // A drained target of a group that nobody uses any more is as good as gone.
      .filter((row) => balancer !== undefined || row.spec.deregisteredAt === undefined)
    const byKey = new Map(rows.map((row) => [targetKey(row), row]))
    const seen = (target: TargetDescription): TargetHealthDescription => {
      const wanted = named(group, target)
      const row = byKey.get(targetKey({ ...wanted, targetGroupArn: group.arn }))
      return row === undefined
        ? describe(group, wanted, HEALTH.notRegistered)
        : describe(group, row, healthOf(row, balancer))
    }
    const { Targets = [] } = input
    const shown =
      Targets.length > 0 ? Targets.map(seen) : rows.map((row) => describe(group, row, healthOf(row, balancer)))
    return { TargetHealthDescriptions: shown }
  })
