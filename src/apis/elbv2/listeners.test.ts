// Listeners and rules as a caller sees them.

import type * as acmSdk from '@aws-sdk/client-acm'
import type * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Checked, Operations } from '#aws/operation.ts'
import { type BalancedVpc, balancedVpc } from '#test/balanced-vpc.ts'
import { asking } from '#test/call.ts'
import { refusal } from '#test/refusal.ts'
import { acm } from '../acm/index.ts'

let vpc: BalancedVpc
let LoadBalancerArn: string
beforeEach(async () => {
  vpc = await balancedVpc()
  ;({ LoadBalancerArn } = await vpc.balancer())
})
const ask: BalancedVpc['ask'] = (name, input) => vpc.ask(name, input)
const askAcm = asking<Operations<typeof acmSdk>>(acm, () => vpc.call)

const certificate = async (DomainName = 'example.test') =>
  (await askAcm('RequestCertificate', { DomainName, KeyAlgorithm: 'EC_prime256v1' })).CertificateArn!
type Wish = Partial<Checked<sdk.CreateListenerInput>>
type Action = Checked<sdk.Action>
const fixed = (StatusCode = '200'): Action => ({ Type: 'fixed-response', FixedResponseConfig: { StatusCode } })
const forwarding = (...arns: string[]): Action => ({
  Type: 'forward',
  ForwardConfig: { TargetGroups: arns.map((TargetGroupArn, index) => ({ TargetGroupArn, Weight: index })) },
})

describe('a listener', () => {
  it('answers as AWS does, and is found by its ARN and by its load balancer', async () => {
    const { TargetGroupArn } = await vpc.group()
    const made = await vpc.listener(LoadBalancerArn, { DefaultActions: [{ Type: 'forward', TargetGroupArn }] })
    expect(made).toEqual({
      ListenerArn: expect.stringMatching(/:listener\/app\/web\/[0-9a-f]{16}\/[0-9a-f]{16}$/),
      LoadBalancerArn,
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [
        {
          Type: 'forward',
          TargetGroupArn,
          ForwardConfig: {
            TargetGroups: [{ TargetGroupArn, Weight: 1 }],
            TargetGroupStickinessConfig: { Enabled: false },
          },
        },
      ],
    })
    expect((await ask('DescribeListeners', { LoadBalancerArn })).Listeners).toEqual([made])
    expect((await ask('DescribeListeners', { ListenerArns: [made.ListenerArn] })).Listeners).toEqual([made])
    await expect(ask('DescribeListeners', {})).rejects.toEqual(
      refusal('ValidationError', 'You must specify either listener ARNs or a load balancer ARN'),
    )
  })

  it('that speaks TLS has a certificate and a policy', async () => {
    const CertificateArn = await certificate()
    const https: Wish = { Protocol: 'HTTPS', Port: 443, DefaultActions: [fixed()] }
    await expect(vpc.listener(LoadBalancerArn, https)).rejects.toEqual(
      refusal('ValidationError', 'A certificate must be specified for HTTPS listeners'),
    )
    const made = await vpc.listener(LoadBalancerArn, { ...https, Certificates: [{ CertificateArn }] })
    expect(made).toMatchObject({
      Certificates: [{ CertificateArn }],
      SslPolicy: 'ELBSecurityPolicy-2016-08',
      MutualAuthentication: { Mode: 'off' },
    })
    const { Certificate } = await askAcm('DescribeCertificate', { CertificateArn })
    expect(Certificate!.InUseBy).toEqual([LoadBalancerArn])
    await expect(askAcm('DeleteCertificate', { CertificateArn })).rejects.toMatchObject({
      code: 'ResourceInUseException',
    })
  })

  it.each<[Wish, string, string]>([
    [{ Protocol: 'TCP' }, 'ValidationError', "Listener protocol 'TCP' must be one of 'HTTPS, HTTP'"],
    [{ Protocol: 'GENEVE' }, 'UnsupportedProtocolException', "Protocol 'GENEVE' is not supported"],
    [{ Protocol: undefined }, 'ValidationError', 'A listener protocol must be specified'],
    [{ Port: undefined }, 'ValidationError', 'A listener port must be specified'],
    [{ SslPolicy: 'x' }, 'ValidationError', 'An SSL policy cannot be specified for HTTP listeners'],
    [{ AlpnPolicy: ['None'] }, 'ValidationError', 'An ALPN policy can be specified for TLS listeners only'],
    [
      { Certificates: [{ CertificateArn: 'x' }] },
      'ValidationError',
      'A certificate cannot be specified for HTTP listeners',
    ],
    [
      { MutualAuthentication: { Mode: 'verify' } },
      'InvalidConfigurationRequestException',
      "Mutual authentication mode 'verify' is not supported",
    ],
    [{ DefaultActions: [] }, 'ValidationError', 'An action must be specified'],
    [
      { DefaultActions: [fixed(), fixed()] },
      'TooManyActionsException',
      'You cannot specify more than one action of type forward, redirect or fixed-response',
    ],
    [
      { DefaultActions: [{ Type: 'authenticate-oidc' }, fixed()] },
      'InvalidLoadBalancerActionException',
      "Actions of type 'authenticate-oidc' are not supported",
    ],
    [{ DefaultActions: [{ Type: 'forward' }] }, 'ValidationError', 'A target group ARN must be specified'],
    [
      { DefaultActions: [fixed('302')] },
      'ValidationError',
      "The fixed response status code '302' must be 2XX, 4XX or 5XX",
    ],
    [
      { DefaultActions: [{ ...fixed(), RedirectConfig: { StatusCode: 'HTTP_301' } }] },
      'ValidationError',
      "An action of type 'fixed-response' cannot have a RedirectConfig",
    ],
    [
      { DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200', ContentType: 'x' } }] },
      'ValidationError',
      "The fixed response content type 'x' must be one of 'text/plain, text/css, text/html, application/javascript, application/json'",
    ],
  ])('is refused as %j', async (wish, code, message) => {
    await expect(vpc.listener(LoadBalancerArn, { DefaultActions: [fixed()], ...wish })).rejects.toEqual(
      refusal(code, message),
    )
  })

  it.each([
    [{}, 'The redirect configuration is not valid because it creates a loop.'],
    [{ Protocol: 'HTTP' }, 'The redirect configuration is not valid because it creates a loop.'],
    [{ Host: 'a#{what}b' }, "The redirect host 'a#{what}b' is not valid"],
    [{ Path: '/a\r\nSet-Cookie: x' }, "The redirect path '/a\r\nSet-Cookie: x' is not valid"],
    [{ Path: 'a' }, "The redirect path 'a' must begin with a '/' character"],
    [{ Port: '0' }, "The redirect port '0' must be in the range 1-65535 or '#{port}'"],
    [{ Protocol: 'FTP' }, "The redirect protocol 'FTP' must be one of 'HTTP, HTTPS, #{protocol}'"],
  ])('is refused with the redirect %j', async (config, message) => {
    const DefaultActions: Action[] = [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_302', ...config } }]
    await expect(vpc.listener(LoadBalancerArn, { DefaultActions })).rejects.toMatchObject({ message })
  })

  it('redirects with the parts that AWS fills in', async () => {
    const DefaultActions: Action[] = [
      { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
    ]
    const made = await vpc.listener(LoadBalancerArn, { DefaultActions })
    expect(made.DefaultActions![0]!.RedirectConfig).toEqual({
      Protocol: 'HTTPS',
      Port: '443',
      Host: '#{host}',
      Path: '/#{path}',
      Query: '#{query}',
      StatusCode: 'HTTP_301',
    })
  })

  it('shares traffic between up to five groups by weight', async () => {
    const arns: string[] = []
    for (let count = 0; count < 6; count++) arns.push((await vpc.group()).TargetGroupArn)
    await expect(vpc.listener(LoadBalancerArn, { DefaultActions: [forwarding(...arns)] })).rejects.toEqual(
      refusal('ValidationError', "A forward action can have a maximum of '5' target groups"),
    )
    await expect(vpc.listener(LoadBalancerArn, { DefaultActions: [forwarding(arns[0]!, arns[0]!)] })).rejects.toEqual(
      refusal('ValidationError', 'Target groups of a forward action must be unique'),
    )
    const tooHeavy = { TargetGroups: [{ TargetGroupArn: arns[0]!, Weight: 1000 }] }
    await expect(
      vpc.listener(LoadBalancerArn, { DefaultActions: [{ Type: 'forward', ForwardConfig: tooHeavy }] }),
    ).rejects.toEqual(refusal('ValidationError', "Target group weight '1000' must be between '0' and '999' inclusive"))
    const made = await vpc.listener(LoadBalancerArn, { DefaultActions: [forwarding(...arns.slice(0, 5))] })
    expect(made.DefaultActions![0]).not.toHaveProperty('TargetGroupArn')
    expect(made.DefaultActions![0]!.ForwardConfig!.TargetGroups!.map(({ Weight }) => Weight)).toEqual([0, 1, 2, 3, 4])
  })

  it('sends requests only to groups that are there, that fit, and that no other load balancer uses', async () => {
    const to = (TargetGroupArn: string, balancer = LoadBalancerArn) =>
      vpc.listener(balancer, { DefaultActions: [{ Type: 'forward', TargetGroupArn }] })
    const group = (await vpc.group()).TargetGroupArn
    const missing = group.replace(/[0-9a-f]{16}$/, '0'.repeat(16))
    await expect(to(missing)).rejects.toEqual(
      refusal('TargetGroupNotFoundException', `Target group '${missing}' not found`),
    )
    const tcp = (await vpc.group({ Protocol: 'TCP' })).TargetGroupArn
    await expect(to(tcp)).rejects.toMatchObject({ code: 'IncompatibleProtocolsException' })
    const grpc = (await vpc.group({ ProtocolVersion: 'GRPC' })).TargetGroupArn
    await expect(to(grpc)).rejects.toEqual(
      refusal(
        'InvalidConfigurationRequestException',
        "Listener protocol 'HTTP' is not supported with a target group with the protocol-version 'GRPC'",
      ),
    )
    const VpcId = (await vpc.askEc2('CreateVpc', { CidrBlock: '10.1.0.0/16' })).Vpc!.VpcId!
    await expect(to((await vpc.group({ VpcId })).TargetGroupArn)).rejects.toMatchObject({
      code: 'InvalidConfigurationRequestException',
    })
    await to(group)
    const other = await vpc.balancer({ Name: 'other' })
    await expect(to(group, other.LoadBalancerArn)).rejects.toEqual(
      refusal(
        'TargetGroupAssociationLimitException',
        `The following target groups cannot be associated with more than one load balancer: ${group}`,
      ),
    )
  })

  it('is the only one at its port', async () => {
    await vpc.listener(LoadBalancerArn)
    const message = `A listener already exists on this port for this load balancer '${LoadBalancerArn}'`
    await expect(vpc.listener(LoadBalancerArn)).rejects.toEqual(refusal('DuplicateListenerException', message))
    const second = await vpc.listener(LoadBalancerArn, { Port: 81 })
    await expect(ask('ModifyListener', { ListenerArn: second.ListenerArn, Port: 80 })).rejects.toEqual(
      refusal('DuplicateListenerException', message),
    )
  })

  it('is one of fifty at most', async () => {
    for (let port = 1; port <= 50; port++) {
      await vpc.listener(LoadBalancerArn, { Port: port, DefaultActions: [fixed()] })
    }
    await expect(vpc.listener(LoadBalancerArn, { DefaultActions: [fixed()] })).rejects.toMatchObject({
      code: 'TooManyListenersException',
    })
  })

  it('changes what a call names; away from TLS, its certificates go', async () => {
    const CertificateArn = await certificate()
    const made = await vpc.listener(LoadBalancerArn, {
      Protocol: 'HTTPS',
      Port: 443,
      DefaultActions: [fixed()],
      Certificates: [{ CertificateArn }],
    })
    const change = async (input: object) =>
      (await ask('ModifyListener', { ListenerArn: made.ListenerArn, ...input })).Listeners![0]!
    expect(await change({ SslPolicy: 'ELBSecurityPolicy-TLS13-1-3-2021-06' })).toEqual({
      ...made,
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-3-2021-06',
    })
    await expect(change({ SslPolicy: 'none' })).rejects.toEqual(
      refusal('SSLPolicyNotFoundException', "SSL policy 'none' not found"),
    )
    const plain = await change({ Protocol: 'HTTP', Port: 80 })
    expect(plain).not.toHaveProperty('Certificates')
    expect(plain).not.toHaveProperty('SslPolicy')
    await askAcm('DeleteCertificate', { CertificateArn })
  })

  it('of a network load balancer speaks its protocols, and only forwards', async () => {
    const balancer = await vpc.balancer({ Name: 'n', Type: 'network' })
    const arn = balancer.LoadBalancerArn
    const { TargetGroupArn } = await vpc.group({ Protocol: 'TCP' })
    const DefaultActions: Action[] = [{ Type: 'forward', TargetGroupArn }]
    await expect(vpc.listener(arn, { DefaultActions })).rejects.toEqual(
      refusal('ValidationError', "Listener protocol 'HTTP' must be one of 'UDP, TCP, TCP_UDP, TLS'"),
    )
    await expect(vpc.listener(arn, { Protocol: 'TCP', DefaultActions: [fixed()] })).rejects.toEqual(
      refusal(
        'InvalidLoadBalancerActionException',
        "Actions of type 'fixed-response' are not supported for TCP listeners",
      ),
    )
    await expect(vpc.listener(arn, { Protocol: 'UDP', DefaultActions })).rejects.toMatchObject({
      code: 'IncompatibleProtocolsException',
    })
    const tls: Wish = { Protocol: 'TLS', DefaultActions, Certificates: [{ CertificateArn: await certificate() }] }
    await expect(vpc.listener(arn, { ...tls, AlpnPolicy: ['x'] })).rejects.toMatchObject({
      code: 'ALPNPolicyNotSupportedException',
    })
    const made = await vpc.listener(arn, { ...tls, AlpnPolicy: ['HTTP2Preferred'] })
    expect(made.AlpnPolicy).toEqual(['HTTP2Preferred'])
    await expect(
      ask('CreateRule', {
        ListenerArn: made.ListenerArn,
        Priority: 1,
        Conditions: [{ Field: 'path-pattern', Values: ['/x'] }],
        Actions: DefaultActions,
      }),
    ).rejects.toMatchObject({ code: 'InvalidConfigurationRequestException' })
  })

  it('has attributes of its protocol', async () => {
    const { ListenerArn } = await vpc.listener(LoadBalancerArn)
    const all = (await ask('DescribeListenerAttributes', { ListenerArn })).Attributes!
    expect(all).toContainEqual({ Key: 'routing.http.response.server.enabled', Value: 'true' })
    expect(all.map(({ Key }) => Key)).not.toContain('tcp.idle_timeout.seconds')
    const set = (Key: string, Value: string) =>
      ask('ModifyListenerAttributes', { ListenerArn, Attributes: [{ Key, Value }] })
    const key = 'routing.http.response.strict_transport_security.header_value'
    expect((await set(key, 'max-age=60')).Attributes).toContainEqual({ Key: key, Value: 'max-age=60' })
    await expect(set(key, 'a\r\nb: c')).rejects.toMatchObject({ code: 'ValidationError' })
    await expect(set('tcp.idle_timeout.seconds', '60')).rejects.toMatchObject({
      code: 'InvalidConfigurationRequestException',
    })
  })
})

describe('the certificates of a listener', () => {
  const https = async (arn: string) =>
    (
      await vpc.listener(LoadBalancerArn, {
        Protocol: 'HTTPS',
        Port: 443,
        DefaultActions: [fixed()],
        Certificates: [{ CertificateArn: arn }],
      })
    ).ListenerArn

  it('are added, shown with the default one, and taken away', async () => {
    const [first, second] = [await certificate(), await certificate('two.test')]
    const ListenerArn = await https(first)
    const Certificates = [{ CertificateArn: second }]
    expect(await ask('AddListenerCertificates', { ListenerArn, Certificates })).toEqual({
      Certificates: [{ CertificateArn: second, IsDefault: false }],
    })
    expect((await ask('DescribeListenerCertificates', { ListenerArn })).Certificates).toEqual([
      { CertificateArn: first, IsDefault: true },
      { CertificateArn: second, IsDefault: false },
    ])
    await expect(askAcm('DeleteCertificate', { CertificateArn: second })).rejects.toMatchObject({
      code: 'ResourceInUseException',
    })
    await expect(
      ask('RemoveListenerCertificates', { ListenerArn, Certificates: [{ CertificateArn: first }] }),
    ).rejects.toEqual(refusal('OperationNotPermittedException', 'Default certificate cannot be removed'))
    await ask('RemoveListenerCertificates', { ListenerArn, Certificates })
    await askAcm('DeleteCertificate', { CertificateArn: second })
  })

  it('must be there, be of this region, and be no more than AWS takes', async () => {
    const first = await certificate()
    const ListenerArn = await https(first)
    const add = (...arns: string[]) =>
      ask('AddListenerCertificates', { ListenerArn, Certificates: arns.map((arn) => ({ CertificateArn: arn })) })
    const missing = first.replace(/[^/]+$/, '00000000-0000-0000-0000-000000000000')
    await expect(add(missing)).rejects.toEqual(
      refusal('CertificateNotFoundException', `Certificate '${missing}' not found`),
    )
    await expect(add(first.replace('eu-west-1', 'us-east-1'))).rejects.toMatchObject({
      code: 'CertificateNotFoundException',
    })
    await expect(add('x')).rejects.toEqual(refusal('ValidationError', "'x' is not a valid certificate ARN"))
    const many: string[] = []
    for (let count = 0; count < 26; count++) many.push(await certificate(`c${count}.test`))
    await expect(add(...many)).rejects.toMatchObject({ code: 'TooManyCertificatesException' })
    await add(...many.slice(1))
    const plain = await vpc.listener(LoadBalancerArn, { DefaultActions: [fixed()] })
    await expect(
      ask('AddListenerCertificates', {
        ListenerArn: plain.ListenerArn,
        Certificates: [{ CertificateArn: first }],
      }),
    ).rejects.toMatchObject({ code: 'InvalidConfigurationRequestException' })
  })
})

describe('security policies', () => {
  it('say which protocols and ciphers they allow', async () => {
    const [policy] = (await ask('DescribeSSLPolicies', { Names: ['ELBSecurityPolicy-TLS13-1-2-Res-2021-06'] }))
      .SslPolicies!
    expect(policy!.SslProtocols).toEqual(['TLSv1.3', 'TLSv1.2'])
    expect(policy!.Ciphers![0]).toEqual({ Name: 'TLS_AES_128_GCM_SHA256', Priority: 1 })
    expect((await ask('DescribeSSLPolicies', {})).SslPolicies).toHaveLength(18)
  })
})

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
