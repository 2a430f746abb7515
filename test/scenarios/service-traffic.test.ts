// Goal: blue/green, linear and canary deployments shift the traffic of real listener rules between two target groups,
// give it back when they fail, and never send any to a group without healthy tasks.
// Method: real controllers in simulated time, a fake load balancer; what each rule forwards to, at each moment.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html

import { beforeEach, describe, expect, it } from 'vitest'
import type { DeploymentConfiguration, ServiceRevision } from '@aws-sdk/client-ecs'
import { isStopped } from '#apis/ecs/model/task.ts'
import { tasks } from '#apis/ecs/tables.ts'
import type { ActionRecord } from '#apis/elbv2/model/action.ts'
import type { ListenerRecord } from '#apis/elbv2/model/listener.ts'
import type { RuleRecord } from '#apis/elbv2/model/rule.ts'
import { listeners, rules, targets } from '#apis/elbv2/tables.ts'
import { refusal } from '#test/refusal.ts'
import { BalancedWorld, PORTS } from './balanced-world.ts'

let world: BalancedWorld
let shifts: string[]
let production: string
let test: string

const nameOf = (arn: string): string => (arn === world.groups[0] ? 'blue' : 'green')

const told = (actions: readonly ActionRecord[]): string =>
  actions
    .flatMap((action) => (action.type === 'forward' ? action.targetGroups : []))
    .map(({ arn, weight }) => `${nameOf(arn)} ${weight}`)
    .join(', ')

beforeEach(async () => {
  world = (await new BalancedWorld().begin()) as BalancedWorld
  await world.balance('blue', 'green')
  const actions = { Actions: [{ Type: 'forward', TargetGroupArn: world.groups[0] }] }
  const made = await world.askElb('CreateRule', {
    ListenerArn: world.listenerArn,
    Priority: 1,
    Conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
    ...actions,
  } as never)
  production = made.Rules?.[0]?.RuleArn ?? ''
  const { LoadBalancers } = await world.askElb('DescribeLoadBalancers', {} as never)
  const tested = await world.askElb('CreateListener', {
    LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
    Protocol: 'HTTP',
    Port: 8080,
    DefaultActions: actions.Actions,
  } as never)
  const listenerArn = tested.Listeners?.[0]?.ListenerArn
  const byDefault = await world.askElb('DescribeRules', { ListenerArn: listenerArn } as never)
  test = byDefault.Rules?.[0]?.RuleArn ?? ''
  const begin = world.clock.now().getTime()
  const minutes = (): string => ((world.clock.now().getTime() - begin) / 60_000).toFixed(1).padStart(5)
  shifts = []
  world.store.watch([listeners, rules], (changes) => {
    for (const { table, after } of changes) {
      if (after === undefined) continue
      if (table === rules.name) shifts.push(`${minutes()} production ${told((after as RuleRecord).spec.actions)}`)
      else shifts.push(`${minutes()} test       ${told((after as ListenerRecord).spec.defaultActions)}`)
    }
  })
})

/** The table of shifts since the last time, one line each. */
const table = (): string => `\n${shifts.splice(0).join('\n')}\n`

const attached = (family: string, more: object = {}) =>
  world.attached(family, 0, {
    advancedConfiguration: {
      alternateTargetGroupArn: world.groups[1] ?? '',
      productionListenerRule: production,
      testListenerRule: test,
      roleArn: 'arn:aws:iam::123456789012:role/ecs-load-balancing',
      ...more,
    },
  })

const begun = async (deploymentConfiguration: DeploymentConfiguration): Promise<void> => {
  const family = await world.app({}, PORTS)
  await world.create(family, 2, { deploymentConfiguration, loadBalancers: attached(family) })
  await world.advance(900)
  shifts.length = 0
}

const deploy = async (script: Parameters<BalancedWorld['app']>[0] = {}): Promise<void> => {
  const family = await world.app(script, PORTS)
  await world.update({ taskDefinition: family, loadBalancers: attached(family) })
}

/** From now on a rolling service behind the first group alone. */
const roll = async (): Promise<void> => {
  const family = await world.app({}, PORTS)
  await world.update({
    taskDefinition: family,
    loadBalancers: world.attached(family),
    deploymentConfiguration: { strategy: 'ROLLING' },
  })
}

/** Tasks that are registered, by group. */
const registered = async (): Promise<string> => {
  const all = await world.store.read((reader) => reader.list(targets))
  const count = (group: string): number => all.filter((one) => nameOf(one.targetGroupArn) === group).length
  return `blue ${count('blue')}, green ${count('green')}`
}

const resolved = async (): Promise<(string | undefined)[]> => {
  const arns = (await world.revisions()).map(({ arn }) => arn)
  const { serviceRevisions } = await world.ask('DescribeServiceRevisions', { serviceRevisionArns: arns } as never)
  const group = ({ resolvedConfiguration }: ServiceRevision): string =>
    nameOf(resolvedConfiguration?.loadBalancers?.[0]?.targetGroupArn ?? '')
  return (serviceRevisions ?? []).map(group)
}

const BLUE_GREEN: DeploymentConfiguration = { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 }
const CANARY: DeploymentConfiguration = {
  strategy: 'CANARY',
  bakeTimeInMinutes: 1,
  canaryConfiguration: { canaryPercent: 7.5, canaryBakeTimeInMinutes: 10 },
}

describe('traffic', () => {
  it('goes over at once in a blue/green deployment, first the test traffic, and back with the next one', async () => {
    await begun(BLUE_GREEN)
    expect(await registered()).toBe('blue 2, green 0')
    await deploy()
    await world.advance(60)
    expect(await registered()).toBe('blue 2, green 2')
    await world.advance(840)
    expect(await registered()).toBe('blue 0, green 2')
    expect(table()).toMatchInlineSnapshot(`
      "
       15.0 test       blue 0, green 100
       15.0 production blue 0, green 100
      "
    `)
    await deploy()
    await world.advance(900)
    expect(await registered()).toBe('blue 2, green 0')
    expect(table()).toMatchInlineSnapshot(`
      "
       30.0 test       blue 100, green 0
       30.0 production blue 100, green 0
      "
    `)
    expect(await resolved()).toEqual(['blue', 'green', 'blue'])
  })

  it('goes over in steps in a canary deployment, in tenths of a percent', async () => {
    await begun(CANARY)
    await deploy()
    await world.advance(1200)
    expect(table()).toMatchInlineSnapshot(`
      "
       15.0 test       blue 0, green 100
       15.0 production blue 924, green 75
       25.0 production blue 0, green 100
      "
    `)
  })

  it('goes over in equal steps in a linear deployment', async () => {
    await begun({ strategy: 'LINEAR', linearConfiguration: { stepPercent: 40, stepBakeTimeInMinutes: 2 } })
    await deploy()
    await world.advance(1200)
    expect(table()).toMatchInlineSnapshot(`
      "
       15.0 test       blue 0, green 100
       15.0 production blue 60, green 40
       17.0 production blue 20, green 80
       19.0 production blue 0, green 100
      "
    `)
  })

  it('waits until the new targets are healthy', async () => {
    await begun(BLUE_GREEN)
    world.balancer.otherwise = { health: 'unknown' }
    await deploy()
    await world.advance(120)
    expect(table()).toMatchInlineSnapshot(`
      "

      "
    `)
    world.balancer.otherwise = {}
    for (const at of [0, 1, 2, 3]) await world.target(at, {})
    await world.advance(1)
    expect(table()).toContain('production blue 0, green 100')
  })

  it('goes back at once when the deployment is stopped', async () => {
    await begun(CANARY)
    await deploy()
    await world.advance(120)
    const [deployment] = (await world.deployments()).slice(-1)
    await world.ask('StopServiceDeployment', { serviceDeploymentArn: deployment?.arn, stopType: 'ROLLBACK' } as never)
    await world.advance(120)
    expect(table()).toMatchInlineSnapshot(`
      "
       15.0 test       blue 0, green 100
       15.0 production blue 924, green 75
       17.0 production blue 100, green 0
       17.0 test       blue 100, green 0
      "
    `)
    expect(await registered()).toBe('blue 2, green 0')
    await deploy()
    await world.advance(1200)
    expect(await resolved()).toEqual(['blue', 'green', 'green'])
  })

  it('goes back when another deployment comes between, whose tasks are in the same group as those it replaces', async () => {
    await begun(CANARY)
    await deploy()
    await world.advance(60)
    await deploy()
    await world.advance(60)
    expect(table()).toMatchInlineSnapshot(`
      "
       15.0 test       blue 0, green 100
       15.0 production blue 924, green 75
       16.0 production blue 100, green 0
       16.0 test       blue 100, green 0
       16.0 test       blue 0, green 100
       16.0 production blue 924, green 75
      "
    `)
    expect(await resolved()).toEqual(['blue', 'green', 'green'])
  })

  it('goes back when the service turns to rolling in the middle, and names no second group and no rule any more', async () => {
    await begun(CANARY)
    await deploy()
    await world.advance(60)
    await roll()
    await world.advance(900)
    expect(table()).toMatchInlineSnapshot(`
      "
       15.0 test       blue 0, green 100
       15.0 production blue 924, green 75
       16.0 production blue 100, green 0
       16.0 test       blue 100, green 0
      "
    `)
    expect(await registered()).toBe('blue 2, green 0')
    expect((await world.deployments()).map(({ progress }) => progress.state)).toEqual([
      'SUCCESSFUL',
      'STOPPED',
      'SUCCESSFUL',
    ])
  })

  it('follows a service that turns to rolling, back to the only group that it names', async () => {
    await begun(BLUE_GREEN)
    await deploy()
    await world.advance(900)
    expect(await registered()).toBe('blue 0, green 2')
    table()
    await roll()
    await world.advance(900)
    expect(table()).toMatchInlineSnapshot(`
      "
       30.0 production blue 100, green 0
       30.0 test       blue 100, green 0
      "
    `)
    expect(await registered()).toBe('blue 2, green 0')
    // The rule is no part of the service any more.
    await roll()
    await world.advance(900)
    expect(table()).toBe('\n\n')
  })

  it('stays where it is when its rule is deleted: the deployment goes back', async () => {
    await begun(CANARY)
    await deploy()
    await world.advance(60)
    await world.askElb('DeleteRule', { RuleArn: production } as never)
    await world.advance(1200)
    expect((await world.deployments()).at(-1)?.progress).toMatchObject({
      state: 'ROLLBACK_SUCCESSFUL',
      reason: 'Service deployment failed because a listener rule was not found.',
    })
    expect(await registered()).toBe('blue 2, green 0')
  })

  it('ends with its service: nothing stays registered', async () => {
    await begun(BLUE_GREEN)
    await deploy()
    await world.advance(60)
    await world.ask('DeleteService', { service: 'web', force: true } as never)
    await world.advance(400)
    expect((await world.store.read((reader) => reader.list(tasks))).every(isStopped)).toBe(true)
    expect(await registered()).toBe('blue 0, green 0')
  })
})

describe('a service that shifts traffic', () => {
  const made = async (change: object, deploymentConfiguration: DeploymentConfiguration): Promise<void> => {
    const family = await world.app({}, PORTS)
    const [one] = world.attached(family)
    await world.create(family, 1, { deploymentConfiguration, loadBalancers: [{ ...one, ...change }] })
  }
  const invalid = (message: string): unknown => refusal('InvalidParameterException', message)

  it('needs a second target group and the rules that share its traffic', async () => {
    const advanced = attached('')[0]?.advancedConfiguration
    const without = (change: object) => ({ advancedConfiguration: { ...advanced, ...change } })
    await expect(made({}, BLUE_GREEN)).rejects.toEqual(
      invalid('advancedConfiguration must be specified for load balancers when the deployment strategy is BLUE_GREEN.'),
    )
    await expect(made(without({ roleArn: undefined }), BLUE_GREEN)).rejects.toEqual(
      invalid('roleArn of advancedConfiguration can not be blank.'),
    )
    await expect(made(without({ alternateTargetGroupArn: world.groups[0] }), CANARY)).rejects.toEqual(
      invalid('alternateTargetGroupArn of advancedConfiguration must be different from targetGroupArn.'),
    )
    await expect(made(without({ testListenerRule: `${test}0` }), CANARY)).rejects.toEqual(
      invalid(`The listener rule ${test}0 of advancedConfiguration does not exist.`),
    )
  })

  it('cannot become one by UpdateService without them', async () => {
    const family = await world.app({}, PORTS)
    await world.create(family, 1, { loadBalancers: world.attached(family) })
    await expect(world.update({ deploymentConfiguration: BLUE_GREEN })).rejects.toEqual(
      refusal(
        'InvalidParameterException',
        'advancedConfiguration must be specified for load balancers when the deployment strategy is BLUE_GREEN.',
      ),
    )
  })
})
