// Listeners as a caller sees them.

import { describe, expect, it } from 'vitest'
import {
  type Action,
  ask,
  askAcm,
  certificate,
  fixed,
  forwarding,
  LoadBalancerArn,
  vpc,
  type Wish,
} from '#test/listener-calls.ts'
import { refusal } from '#test/refusal.ts'

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
    [{ Port: '80' }, 'The redirect configuration is not valid because it creates a loop.'],
    [{ Query: 'a=b' }, 'The redirect configuration is not valid because it creates a loop.'],
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
    ).rejects.toEqual(
      refusal('ValidationError', 'The weight for each target group must be between 0 and 999, inclusive'),
    )
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
      refusal('TargetGroupNotFoundException', `Target groups '${missing}' not found`),
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

  it('keeps clients with a target group; how long is said of application load balancers only', async () => {
    const actions = async (Protocol: 'HTTP' | 'TCP', DurationSeconds?: number): Promise<Action[]> => {
      const groups = [await vpc.group({ Protocol }), await vpc.group({ Protocol })]
      const TargetGroups = groups.map(({ TargetGroupArn }) => ({ TargetGroupArn, Weight: 1 }))
      const TargetGroupStickinessConfig = {
        Enabled: true,
        ...(DurationSeconds === undefined ? {} : { DurationSeconds }),
      }
      return [{ Type: 'forward', ForwardConfig: { TargetGroups, TargetGroupStickinessConfig } }]
    }
    const application = (await vpc.balancer({ Name: 'sticky' })).LoadBalancerArn
    const network = (await vpc.balancer({ Name: 'n', Type: 'network' })).LoadBalancerArn
    await expect(vpc.listener(application, { DefaultActions: await actions('HTTP') })).rejects.toEqual(
      refusal('ValidationError', 'A stickiness duration must be specified'),
    )
    await vpc.listener(application, { DefaultActions: await actions('HTTP', 60) })
    const made = await vpc.listener(network, { Protocol: 'TCP', DefaultActions: await actions('TCP') })
    expect(made.DefaultActions![0]!.ForwardConfig!.TargetGroupStickinessConfig).toEqual({ Enabled: true })
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
