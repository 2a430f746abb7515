// What all resources of Elastic Load Balancing share: tags, and the limits of an account.

import { describe, expect, it } from 'vitest'
import { ask, vpc } from '#test/balanced-vpc.ts'

describe('tags', () => {
  it('are put on load balancers, groups, listeners and rules, shown, and taken away', async () => {
    const balancer = await vpc.balancer({ Tags: [{ Key: 'stage', Value: 'test' }] })
    const listener = await vpc.listener(balancer.LoadBalancerArn)
    const rule = await ask('CreateRule', {
      ListenerArn: listener.ListenerArn,
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', Values: ['/x'] }],
      Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } }],
    })
    const group = await vpc.group()
    const ResourceArns = [
      balancer.LoadBalancerArn,
      group.TargetGroupArn,
      listener.ListenerArn,
      rule.Rules![0]!.RuleArn!,
    ]
    await ask('AddTags', { ResourceArns, Tags: [{ Key: 'team', Value: 'a' }, { Key: 'empty' }] })
    await ask('RemoveTags', { ResourceArns: [group.TargetGroupArn], TagKeys: ['team', 'none'] })
    const added = [
      { Key: 'team', Value: 'a' },
      { Key: 'empty', Value: '' },
    ]
    expect((await ask('DescribeTags', { ResourceArns })).TagDescriptions).toEqual([
      { ResourceArn: ResourceArns[0], Tags: [{ Key: 'stage', Value: 'test' }, ...added] },
      { ResourceArn: ResourceArns[1], Tags: [{ Key: 'empty', Value: '' }] },
      { ResourceArn: ResourceArns[2], Tags: added },
      { ResourceArn: ResourceArns[3], Tags: added },
    ])
  })

  it('are refused twice, too many, or on nothing', async () => {
    const { LoadBalancerArn } = await vpc.balancer()
    const tag = (Tags: { Key: string }[], arn = LoadBalancerArn) => ask('AddTags', { ResourceArns: [arn], Tags })
    await expect(tag([{ Key: 'a' }, { Key: 'a' }])).rejects.toMatchObject({ code: 'DuplicateTagKeysException' })
    const many = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}` }))
    await expect(tag(many)).rejects.toMatchObject({ code: 'TooManyTagsException' })
    await expect(tag([{ Key: 'aws:x' }])).rejects.toMatchObject({ code: 'ValidationError' })
    await expect(tag([{ Key: 'a' }], 'arn:aws:s3:::bucket')).rejects.toMatchObject({ code: 'ValidationError' })
    const missing = LoadBalancerArn.replace(/[0-9a-f]{16}$/, '0'.repeat(16))
    await expect(tag([{ Key: 'a' }], missing)).rejects.toMatchObject({ code: 'LoadBalancerNotFoundException' })
  })
})

describe('account limits and capacity', () => {
  it('are shown', async () => {
    const { Limits } = await ask('DescribeAccountLimits', {})
    expect(Limits).toContainEqual({ Name: 'application-load-balancers', Max: '50' })
    const { LoadBalancerArn } = await vpc.balancer()
    expect(await ask('DescribeCapacityReservation', { LoadBalancerArn })).toEqual({ CapacityReservationState: [] })
  })
})
