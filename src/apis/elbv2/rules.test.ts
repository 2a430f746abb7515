// The rules of listeners as a caller sees them.

import type * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Checked } from '#aws/operation.ts'
import { ask, fixed, LoadBalancerArn, vpc } from '#test/listener-calls.ts'
import { refusal } from '#test/refusal.ts'

describe('a rule', () => {
  let ListenerArn: string
  beforeEach(async () => {
    ;({ ListenerArn } = await vpc.listener(LoadBalancerArn, { DefaultActions: [fixed()] }))
  })
  type Condition = Checked<sdk.RuleCondition>
  const rule = async (Priority: number, ...Conditions: Condition[]) =>
    (await ask('CreateRule', { ListenerArn, Priority, Conditions, Actions: [fixed('404')] })).Rules![0]!
  const path: Condition = { Field: 'path-pattern', Values: ['/x'] }
  const priorities = async () =>
    (await ask('DescribeRules', { ListenerArn })).Rules!.map((one) => `${one.Priority} ${one.IsDefault}`)

  it('takes all six conditions and shows them in both of AWS’s forms', async () => {
    const made = await rule(
      5,
      { Field: 'host-header', Values: ['*.example.com'] },
      { Field: 'path-pattern', PathPatternConfig: { Values: ['/img/*'] } },
      { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['GET'] } },
      { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'User-Agent', Values: ['curl?'] } },
      { Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8'] } },
    )
    expect(made).toEqual({
      RuleArn: expect.stringMatching(/:listener-rule\/app\/web\/[0-9a-f]{16}\/[0-9a-f]{16}\/[0-9a-f]{16}$/),
      Priority: '5',
      IsDefault: false,
      Conditions: [
        { Field: 'host-header', Values: ['*.example.com'], HostHeaderConfig: { Values: ['*.example.com'] } },
        { Field: 'path-pattern', Values: ['/img/*'], PathPatternConfig: { Values: ['/img/*'] } },
        { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['GET'] } },
        { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'User-Agent', Values: ['curl?'] } },
        { Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8'] } },
      ],
      Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    })
    const query = await rule(6, {
      Field: 'query-string',
      QueryStringConfig: { Values: [{ Key: 'version', Value: 'v1' }, { Value: '*old*' }] },
    })
    expect(query.Conditions![0]!.QueryStringConfig).toEqual({
      Values: [{ Key: 'version', Value: 'v1' }, { Value: '*old*' }],
    })
    expect((await ask('DescribeRules', { RuleArns: [made.RuleArn!, query.RuleArn!] })).Rules).toEqual([made, query])
  })

  it.each<[Condition[], string]>([
    [[], 'A condition must be specified'],
    [[{ Values: ['/x'] }], 'A condition field must be specified'],
    [
      [{ Field: 'cookie', Values: ['x'] }],
      "Condition field 'cookie' must be one of '[host-header, http-header, http-request-method, path-pattern, query-string, source-ip]'",
    ],
    [[{ Field: 'path-pattern' }], 'A condition value must be specified'],
    [[{ Field: 'path-pattern', Values: [''] }], 'A condition value must be specified'],
    [[{ Field: 'path-pattern', Values: ['/é'] }], "Condition value '/é' contains a character that is not valid"],
    [
      [{ Field: 'path-pattern', Values: [`/${'x'.repeat(128)}`] }],
      `Condition value '/${'x'.repeat(128)}' cannot be longer than '128' characters`,
    ],
    [
      [{ Field: 'host-header', Values: ['foo-bar'] }],
      "Condition value 'foo-bar' contains a character that is not valid",
    ],
    [
      [{ Field: 'host-header', Values: ['127.0.0.1'] }],
      "Condition value '127.0.0.1' contains a character that is not valid",
    ],
    [
      [{ Field: 'host-header', Values: ['a.com'], HostHeaderConfig: { Values: ['a.com'] } }],
      "You cannot provide both Values and 'HostHeaderConfig' for a condition of type 'host-header'",
    ],
    [
      [{ Field: 'source-ip', SourceIpConfig: { Values: ['255.255.255.255/32'] } }],
      "Condition value '255.255.255.255/32' cannot be used",
    ],
    [[{ Field: 'host-header', Values: ['a_b'] }], "Condition value 'a_b' contains a character that is not valid"],
    [
      [{ Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['get'] } }],
      "Condition value 'get' contains a character that is not valid",
    ],
    [
      [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'Host', Values: ['x'] } }],
      "The host header cannot be used in an 'http-header' condition; use 'host-header'",
    ],
    [
      [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'a b', Values: ['x'] } }],
      "HTTP header name 'a b' is not valid",
    ],
    [
      [{ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.1'] } }],
      "Condition value '10.0.0.1' is not a valid CIDR block",
    ],
    [
      [{ Field: 'path-pattern', Values: ['/1', '/2', '/3', '/4', '/5', '/6'] }],
      "A rule can only have '5' condition values",
    ],
    [[{ Field: 'path-pattern', Values: ['/*?*?*?*'] }], "A rule can only have '6' condition wildcards"],
    [[path, path], "A rule can only have one 'path-pattern' condition"],
    [
      [{ Field: 'path-pattern', HostHeaderConfig: { Values: ['x'] } }],
      "A condition with the field 'path-pattern' cannot have another field's configuration",
    ],
    [
      [{ Field: 'path-pattern', PathPatternConfig: { RegexValues: ['^x'] } }],
      'Regular expressions are not supported in conditions',
    ],
  ])('is refused with the conditions %j', async (conditions, message) => {
    await expect(rule(1, ...conditions)).rejects.toMatchObject({ message })
  })

  it.each(['localhost', 'example.*', '*.example.com', 'a.b-c.com', '*', '127.example'])(
    'is for the host %s',
    async (host) => {
      const { Conditions } = await rule(1, { Field: 'host-header', Values: [host] })
      expect(Conditions![0]!.Values).toEqual([host])
    },
  )

  it('of a listener that is not there is not found', async () => {
    const gone = ListenerArn.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
    const missing = refusal('ListenerNotFoundException', 'One or more listeners not found')
    await expect(ask('DescribeRules', { ListenerArn: gone })).rejects.toEqual(missing)
    await expect(ask('DescribeListeners', { ListenerArns: [ListenerArn, gone] })).rejects.toEqual(missing)
  })

  it('is the only one of its priority; rules are shown in order, the default one last', async () => {
    await rule(20, path)
    await rule(3, path)
    expect(await priorities()).toEqual(['3 false', '20 false', 'default true'])
    await expect(rule(20, path)).rejects.toEqual(refusal('PriorityInUseException', "Priority '20' is currently in use"))
    const pages: string[] = []
    let Marker: string | undefined
    do {
      const page = await ask('DescribeRules', { ListenerArn, PageSize: 1, ...(Marker === undefined ? {} : { Marker }) })
      pages.push(...page.Rules!.map((one) => one.Priority!))
      Marker = page.NextMarker
    } while (Marker !== undefined)
    expect(pages).toEqual(['3', '20', 'default'])
  })

  it('changes places with another one', async () => {
    const [one, two] = [await rule(1, path), await rule(2, path)]
    const set = (...pairs: (readonly [string | undefined, number])[]) =>
      ask('SetRulePriorities', { RulePriorities: pairs.map(([RuleArn, Priority]) => ({ RuleArn, Priority })) })
    await set([one.RuleArn, 2], [two.RuleArn, 1])
    const rules = (await ask('DescribeRules', { ListenerArn })).Rules!
    expect(rules.map(({ RuleArn }) => RuleArn).slice(0, 2)).toEqual([two.RuleArn, one.RuleArn])
    await expect(set([one.RuleArn, 1])).rejects.toEqual(
      refusal('PriorityInUseException', "Priority '1' is currently in use"),
    )
    await expect(set([rules[2]!.RuleArn, 7])).rejects.toMatchObject({ code: 'OperationNotPermittedException' })
    expect(await priorities()).toEqual(['1 false', '2 false', 'default true'])
  })

  it('changes what a call names, and goes; the default one does neither', async () => {
    const made = await rule(1, path)
    const RuleArn = made.RuleArn!
    const changed = await ask('ModifyRule', { RuleArn, Conditions: [{ Field: 'path-pattern', Values: ['/y'] }] })
    expect(changed.Rules![0]).toMatchObject({ Actions: made.Actions, Conditions: [{ Values: ['/y'] }] })
    const standard = (await ask('DescribeRules', { ListenerArn })).Rules!.at(-1)!.RuleArn!
    await expect(ask('ModifyRule', { RuleArn: standard, Actions: [fixed()] })).rejects.toEqual(
      refusal('OperationNotPermittedException', `Default rule '${standard}' cannot be modified`),
    )
    await expect(ask('DeleteRule', { RuleArn: standard })).rejects.toEqual(
      refusal('OperationNotPermittedException', `Default rule '${standard}' cannot be deleted`),
    )
    await ask('DeleteRule', { RuleArn })
    await expect(ask('DeleteRule', { RuleArn })).rejects.toEqual(
      refusal('RuleNotFoundException', `Rule '${RuleArn}' not found`),
    )
  })

  it('is one of a hundred at most', async () => {
    for (let priority = 1; priority <= 100; priority++) await rule(priority, path)
    await expect(rule(101, path)).rejects.toMatchObject({ code: 'TooManyRulesException' })
  })

  it('keeps its group in use until it sends elsewhere', async () => {
    const { TargetGroupArn } = await vpc.group()
    const made = await ask('CreateRule', {
      ListenerArn,
      Priority: 1,
      Conditions: [path],
      Actions: [{ Type: 'forward', TargetGroupArn }],
    })
    await expect(ask('DeleteTargetGroup', { TargetGroupArn })).rejects.toMatchObject({ code: 'ResourceInUseException' })
    await ask('ModifyRule', { RuleArn: made.Rules![0]!.RuleArn!, Actions: [fixed()] })
    await ask('DeleteTargetGroup', { TargetGroupArn })
  })
})
