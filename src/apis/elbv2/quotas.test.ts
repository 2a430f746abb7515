// What an account and a load balancer may have at most, as a caller is told of it.

import { expect, it } from 'vitest'
import { vpc } from '#test/balanced-vpc.ts'
import { refusal } from '#test/refusal.ts'
import { targetGroupArn } from '#aws/arn.ts'
import {
  APPLICATION_LOAD_BALANCERS,
  TARGET_GROUPS,
  TARGET_GROUPS_PER_APPLICATION_LOAD_BALANCER,
  TARGET_GROUPS_PER_FORWARD,
} from './model/limits.ts'
import { loadBalancers, targetGroupByArn, targetGroups } from './tables.ts'

it('an account has fifty load balancers of each type', async () => {
  const types = ['application', 'network'] as const
  for (const Type of types) {
    const { LoadBalancerArn } = await vpc.balancer({ Name: Type, Type })
    await vpc.call.store.write(async (tx) => {
      const row = (await tx.get(loadBalancers, LoadBalancerArn))!
      for (let count = 1; count < APPLICATION_LOAD_BALANCERS; count++) {
        const arn = LoadBalancerArn.replace(/[0-9a-f]{16}$/, String(count).padStart(16, '0')) as typeof row.arn
        await tx.put(loadBalancers, { ...row, arn, name: `${Type}-${count}` })
      }
    })
  }
  for (const Type of types) {
    await expect(vpc.balancer({ Name: 'more', Type })).rejects.toEqual(
      refusal('TooManyLoadBalancersException', 'You have reached the maximum number of load balancers: 50'),
    )
  }
})

it('an account has three thousand target groups', async () => {
  const { TargetGroupArn } = await vpc.group()
  await vpc.call.store.write(async (tx) => {
    const row = (await targetGroupByArn(tx, TargetGroupArn as never))!
    for (let count = 1; count < TARGET_GROUPS; count++) {
      const id = String(count).padStart(16, '0')
      await tx.put(targetGroups, { ...row, arn: targetGroupArn(row.scope, id, id), id, name: id })
    }
  })
  await expect(vpc.group()).rejects.toEqual(
    refusal('TooManyTargetGroupsException', 'You have reached the maximum number of target groups: 3000'),
  )
})

it('a load balancer sends requests to a hundred target groups', async () => {
  const { LoadBalancerArn } = await vpc.balancer()
  const arns: string[] = []
  while (arns.length <= TARGET_GROUPS_PER_APPLICATION_LOAD_BALANCER) arns.push((await vpc.group()).TargetGroupArn)
  const [last = '', ...hundred] = arns
  const forward = (some: readonly string[]) => ({
    Type: 'forward' as const,
    ForwardConfig: { TargetGroups: some.map((TargetGroupArn) => ({ TargetGroupArn })) },
  })
  const { ListenerArn } = await vpc.listener(LoadBalancerArn, {
    DefaultActions: [forward(hundred.slice(0, TARGET_GROUPS_PER_FORWARD))],
  })
  const rule = (Priority: number, some: readonly string[]) =>
    vpc.ask('CreateRule', {
      ListenerArn,
      Priority,
      Conditions: [{ Field: 'path-pattern', Values: [`/${Priority}`] }],
      Actions: [forward(some)],
    })
  for (let from = TARGET_GROUPS_PER_FORWARD; from < hundred.length; from += TARGET_GROUPS_PER_FORWARD) {
    await rule(from, hundred.slice(from, from + TARGET_GROUPS_PER_FORWARD))
  }
  await rule(1000, hundred.slice(0, 1))
  await expect(rule(1001, [last])).rejects.toMatchObject({
    code: 'TooManyUniqueTargetGroupsPerLoadBalancerException',
    message: expect.stringContaining("unique target groups that can be associated with a load balancer: '100'"),
  })
})
