// Targets as a caller sees them: registered, looked at, and let go.

import type * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Checked } from '#aws/operation.ts'
import { ask, vpc } from '#test/balanced-vpc.ts'
import { codeMismatch, HEALTH, type TargetHealth } from './model/target.ts'
import { targets } from './tables.ts'
import { refusal } from '#test/refusal.ts'

describe('targets', () => {
  let TargetGroupArn: string
  const register = (...Targets: Checked<sdk.TargetDescription>[]) => ask('RegisterTargets', { TargetGroupArn, Targets })
  const deregister = (...Targets: Checked<sdk.TargetDescription>[]) =>
    ask('DeregisterTargets', { TargetGroupArn, Targets })
  const health = async (...Targets: Checked<sdk.TargetDescription>[]) =>
    (await ask('DescribeTargetHealth', { TargetGroupArn, ...(Targets.length > 0 ? { Targets } : {}) }))
      .TargetHealthDescriptions!
  const states = async (...named: Checked<sdk.TargetDescription>[]) =>
    (await health(...named)).map(({ Target, TargetHealth }) => [
      `${Target!.Id}:${Target!.Port}`,
      TargetHealth!.State,
      TargetHealth!.Reason,
    ])
  /** As the controller records it. */
  const seen = (id: string, state: TargetHealth) =>
    vpc.call.store.write(async (tx) => {
      for (const row of await tx.list(targets)) {
        if (row.id === id) await tx.put(targets, { ...row, status: { ...state, since: row.spec.registeredAt } })
      }
    })
  const serve = async (input: object = {}) => {
    const { LoadBalancerArn } = await vpc.balancer(input)
    return vpc.listener(LoadBalancerArn, { DefaultActions: [{ Type: 'forward', TargetGroupArn }] })
  }

  beforeEach(async () => {
    ;({ TargetGroupArn } = await vpc.group())
  })

  it('are unused until a load balancer sends requests to their group, and begin as "initial" then', async () => {
    await register({ Id: '10.0.0.10' }, { Id: '10.0.1.10', Port: 8080 })
    expect(await health()).toEqual([
      {
        Target: { Id: '10.0.0.10', Port: 80, AvailabilityZone: 'eu-west-1a' },
        HealthCheckPort: '80',
        TargetHealth: {
          State: 'unused',
          Reason: 'Target.NotInUse',
          Description: 'Target group is not configured to receive traffic from the load balancer',
        },
      },
      {
        Target: { Id: '10.0.1.10', Port: 8080, AvailabilityZone: 'eu-west-1b' },
        HealthCheckPort: '8080',
        TargetHealth: expect.objectContaining({ State: 'unused' }),
      },
    ])
    await serve()
    expect((await health())[0]!.TargetHealth).toEqual({
      State: 'initial',
      Reason: 'Elb.RegistrationInProgress',
      Description: 'Target registration is in progress',
    })
  })

  it('show what the controller has seen', async () => {
    await serve()
    await register({ Id: '10.0.0.10' }, { Id: '10.0.1.10' })
    await seen('10.0.0.10', HEALTH.healthy)
    await seen('10.0.1.10', codeMismatch(502))
    expect((await health()).map(({ TargetHealth }) => TargetHealth)).toEqual([
      { State: 'healthy' },
      {
        State: 'unhealthy',
        Reason: 'Target.ResponseCodeMismatch',
        Description: 'Health checks failed with these codes: [502]',
      },
    ])
  })

  it('in a zone without the load balancer get nothing', async () => {
    await serve()
    await register({ Id: '10.0.2.10' })
    expect((await health())[0]!.TargetHealth).toMatchObject({
      State: 'unused',
      Description: 'Target is in an Availability Zone that is not enabled for the load balancer',
    })
  })

  it('registered again stay as they are; deregistered, they drain; registered then, they begin anew', async () => {
    await serve()
    await register({ Id: '10.0.0.10' })
    await seen('10.0.0.10', HEALTH.healthy)
    await register({ Id: '10.0.0.10' })
    expect(await states()).toEqual([['10.0.0.10:80', 'healthy', undefined]])
    await deregister({ Id: '10.0.0.10' })
    expect(await states()).toEqual([['10.0.0.10:80', 'draining', 'Target.DeregistrationInProgress']])
    await register({ Id: '10.0.0.10' })
    expect(await states()).toEqual([['10.0.0.10:80', 'initial', 'Elb.RegistrationInProgress']])
  })

  it('that nobody serves are gone as soon as they are deregistered; what is unknown is passed over', async () => {
    await register({ Id: '10.0.0.10' })
    await deregister({ Id: '10.0.0.10' }, { Id: '10.0.0.11' })
    expect(await health()).toEqual([])
    expect(await states({ Id: '10.0.0.10' })).toEqual([['10.0.0.10:80', 'unused', 'Target.NotRegistered']])
  })

  it('that drained for a load balancer that is gone are gone with it', async () => {
    const { LoadBalancerArn } = await serve()
    await register({ Id: '10.0.0.10' })
    await deregister({ Id: '10.0.0.10' })
    await ask('DeleteLoadBalancer', { LoadBalancerArn: LoadBalancerArn! })
    expect(await health()).toEqual([])
  })

  it.each<[Checked<sdk.TargetDescription>, string, string]>([
    [{ Id: 'x' }, 'ValidationError', "The IP address 'x' is not a valid IPv4 address"],
    [
      { Id: '10.9.0.1', AvailabilityZone: 'mars-1a' },
      'ValidationError',
      "You must specify a valid Availability Zone or select 'all' for all enabled Availability zones, since the IP address '10.9.0.1' is outside the VPC",
    ],
    [{ Id: 'fd00::1' }, 'ValidationError', "The IP address 'fd00::1' is not a valid IPv4 address"],
    [
      { Id: '10.9.0.1' },
      'ValidationError',
      "You must specify a valid Availability Zone or select 'all' for all enabled Availability zones, since the IP address '10.9.0.1' is outside the VPC",
    ],
    [
      { Id: '10.0.0.10', AvailabilityZone: 'all' },
      'ValidationError',
      "The IP address '10.0.0.10' is within the VPC, and cannot have its Availability Zone overridden to 'all' from 'eu-west-1a'",
    ],
    [
      { Id: '8.8.8.8', AvailabilityZone: 'all' },
      'InvalidTargetException',
      "The IP address '8.8.8.8' is not within the ranges that can be registered",
    ],
  ])('are refused as %j', async (target, code, message) => {
    await expect(register({ Id: '10.0.0.1' }, target)).rejects.toEqual(refusal(code, message))
    expect(await health()).toEqual([])
  })

  it('outside the VPC are in all zones', async () => {
    await serve()
    await register({ Id: '192.168.7.7', AvailabilityZone: 'all' })
    expect(await states()).toEqual([['192.168.7.7:80', 'initial', 'Elb.RegistrationInProgress']])
  })

  it('that are instances or functions do not exist here', async () => {
    for (const [TargetType, Id] of [
      ['instance', 'i-0123456789abcdef0'],
      ['lambda', ['arn', 'aws:lambda:eu-west-1:123456789012:function:f'].join(':')],
    ] as const) {
      const group = await vpc.group({ TargetType })
      await expect(
        ask('RegisterTargets', { TargetGroupArn: group.TargetGroupArn, Targets: [{ Id }] }),
      ).rejects.toMatchObject({ code: 'InvalidTargetException' })
    }
  })

  it('that could be none of their group are refused, registered or not', async () => {
    const instances = (await vpc.group({ TargetType: 'instance' })).TargetGroupArn
    const named = { TargetGroupArn: instances, Targets: [{ Id: '10.0.0.10' }] }
    for (const attempt of [
      ask('RegisterTargets', named),
      ask('DeregisterTargets', named),
      ask('DescribeTargetHealth', named),
    ]) {
      await expect(attempt).rejects.toEqual(refusal('ValidationError', "Instance ID '10.0.0.10' is not valid"))
    }
    const noAddress = refusal('ValidationError', "The IP address 'foo' is not a valid IPv4 address")
    await expect(deregister({ Id: 'foo' })).rejects.toEqual(noAddress)
    await expect(health({ Id: 'foo' })).rejects.toEqual(noAddress)
  })

  it('can be application load balancers, with a listener at the group’s port, and hold on to both', async () => {
    const { LoadBalancerArn } = await vpc.balancer()
    const group = (await vpc.group({ TargetType: 'alb', Protocol: 'TCP', Port: 80 })).TargetGroupArn
    const attempt = () => ask('RegisterTargets', { TargetGroupArn: group, Targets: [{ Id: LoadBalancerArn }] })
    await expect(attempt()).rejects.toEqual(
      refusal(
        'ValidationError',
        'If the target type is ALB, the target must have at least one listener that matches the target group port or any specified port overrides',
      ),
    )
    const { ListenerArn } = await vpc.listener(LoadBalancerArn)
    await attempt()
    await expect(ask('DeleteListener', { ListenerArn })).rejects.toEqual(
      refusal(
        'ResourceInUseException',
        `Listener port '80' is in use by registered target '${LoadBalancerArn}' and cannot be removed.`,
      ),
    )
    await expect(ask('DeleteLoadBalancer', { LoadBalancerArn })).rejects.toMatchObject({
      code: 'ResourceInUseException',
    })
    await ask('DeregisterTargets', { TargetGroupArn: group, Targets: [{ Id: LoadBalancerArn }] })
    await ask('DeleteLoadBalancer', { LoadBalancerArn })
  })

  it('are no more than a thousand in a group', async () => {
    const many = Array.from({ length: 1001 }, (_, index) => ({ Id: '10.0.0.10', Port: 1000 + index }))
    await expect(register(...many)).rejects.toMatchObject({ code: 'TooManyTargetsException' })
    await register(...many.slice(1))
    expect(await health()).toHaveLength(1000)
  })
})
