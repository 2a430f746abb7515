// Goal: rules that are made with the AWS CLI are what clients meet: all six conditions, fixed responses, redirects,
// priorities that change places, a rule that is changed or gone; and all
// of that again when HAProxy is killed.
// Method: the real instance and HAProxy; curl.

import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { DescribeSubnetsCommand } from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { haproxyBelow } from '#test/balancer/world.ts'
import { type Instance, startInstance } from '#test/instance.ts'

/** Bounds on a test that hangs, and on a condition that does not come true. */
const TIMEOUT_MS = 300_000
const POLL = { timeout: 120_000, interval: 200 }

let instance: Instance
let listenerArn = ''
let url = ''

beforeAll(async () => {
  instance = await startInstance()
  const elb = new ElasticLoadBalancingV2Client(instance.sdk)
  const found = await instance.ec2.send(new DescribeSubnetsCommand({}))
  const Subnets = (found.Subnets ?? []).map(({ SubnetId }) => SubnetId ?? '').slice(0, 2)
  const made = await elb.send(new CreateLoadBalancerCommand({ Name: 'front', Subnets }))
  const listener = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: made.LoadBalancers?.[0]?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404', MessageBody: 'default' } }],
    }),
  )
  listenerArn = listener.Listeners?.[0]?.ListenerArn ?? ''
}, TIMEOUT_MS)
afterAll(() => instance?.down())

const elbv2 = async (...args: string[]): Promise<string> => {
  const result = await instance.withAws('aws', 'elbv2', ...args, '--output', 'text')
  expect(result, result.stderr).toMatchObject({ exitCode: 0 })
  return result.stdout.trim()
}

const saying = (word: string): string =>
  JSON.stringify([{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200', MessageBody: word } }])

const ruleWords = (priority: number, conditions: readonly object[], actions: string): string[] => [
  'create-rule',
  '--listener-arn',
  listenerArn,
  '--priority',
  `${priority}`,
  '--conditions',
  JSON.stringify(conditions),
  '--actions',
  actions,
]

/** Returns its ARN. */
const rule = (...wish: Parameters<typeof ruleWords>): Promise<string> =>
  elbv2(...ruleWords(...wish), '--query', 'Rules[0].RuleArn')

/** What curl shows of the answer: status, where to, body. */
const asked = async (path: string, ...options: readonly string[]): Promise<string> => {
  const shown = ['-s', '-w', ' %{http_code} %{redirect_url}', '--noproxy', '*']
  return (await instance.withAws('curl', ...shown, ...options, `${url}${path}`)).stdout.trim()
}

const path = (...Values: readonly string[]) => ({ Field: 'path-pattern', PathPatternConfig: { Values } })

it(
  'each of the six conditions leads to its rule, and all of one rule must hold',
  async () => {
    const told = async (): Promise<string> => (url = (await instance.neargate('url', 'front')).stdout.trim())
    await expect.poll(told, POLL).toMatch(/^http:\/\/[\d.]+:80$/)
    await rule(10, [{ Field: 'host-header', HostHeaderConfig: { Values: ['*.shop.test'] } }], saying('host'))
    await rule(20, [path('/img/*.p?g')], saying('path'))
    await rule(30, [{ Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['PUT'] } }], saying('method'))
    const header = { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Beta', Values: ['yes*'] } }
    await rule(40, [header], saying('header'))
    const query = { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'v', Value: '2' }] } }
    await rule(50, [query], saying('query'))
    const source = (block: string) => ({ Field: 'source-ip', SourceIpConfig: { Values: [block] } })
    await rule(60, [source('198.51.100.0/24')], saying('nobody'))
    await rule(70, [source('127.0.0.0/8'), path('/here')], saying('source'))
    await expect.poll(() => asked('/here'), POLL).toBe('source 200')
    expect(await asked('/', '-H', 'Host: www.shop.test')).toBe('host 200')
    expect(await asked('/img/a.png')).toBe('path 200')
    expect(await asked('/', '-X', 'PUT')).toBe('method 200')
    expect(await asked('/', '-H', 'x-beta: Yes, please')).toBe('header 200')
    expect(await asked('/?a=1&v=2')).toBe('query 200')
    expect(await asked('/there')).toBe('default 404')
  },
  TIMEOUT_MS,
)

it(
  'a redirect has the parts of the request that it asks for',
  async () => {
    const config = {
      Protocol: 'HTTPS',
      Port: '443',
      Path: '/new/#{path}',
      Query: 'was=#{host}',
      StatusCode: 'HTTP_301',
    }
    await rule(5, [path('/old*')], JSON.stringify([{ Type: 'redirect', RedirectConfig: config }]))
    const told = async (): Promise<string> => (await asked('/old/a', '-H', 'Host: a.test', '-o', '/dev/null')).trim()
    await expect.poll(told, POLL).toBe('301 https://a.test:443/new/old/a?was=a.test')
  },
  TIMEOUT_MS,
)

it(
  'the first of two rules answers, also when they change places, one is changed, and it is gone',
  async () => {
    const both = [path('/both')]
    const [one, two] = [await rule(1, both, saying('one')), await rule(2, both, saying('two'))]
    await expect.poll(() => asked('/both'), POLL).toBe('one 200')
    const places = [`RuleArn=${one},Priority=2`, `RuleArn=${two},Priority=1`]
    await elbv2('set-rule-priorities', '--rule-priorities', ...places)
    await expect.poll(() => asked('/both'), POLL).toBe('two 200')
    await elbv2('modify-rule', '--rule-arn', two, '--actions', saying('changed'))
    await expect.poll(() => asked('/both'), POLL).toBe('changed 200')
    await elbv2('delete-rule', '--rule-arn', two)
    await expect.poll(() => asked('/both'), POLL).toBe('one 200')
    const taken = await instance.withAws('aws', 'elbv2', ...ruleWords(2, both, saying('three')))
    expect(taken.stderr).toContain(
      "PriorityInUse) when calling the CreateRule operation: Priority '2' is currently in use",
    )
  },
  TIMEOUT_MS,
)

it(
  'the same is answered again when HAProxy is killed, also while the control plane is dead',
  async () => {
    const all = (): Promise<string[]> =>
      Promise.all(['/both', '/img/a.png', '/here', '/there'].map((one) => asked(one)))
    const before = await all()
    const killed = haproxyBelow(instance.config.runDir)
    expect(killed.length).toBeGreaterThan(0)
    for (const pid of killed) process.kill(pid, 'SIGKILL')
    await expect.poll(all, POLL).toEqual(before)
    await instance.kill()
    for (const pid of haproxyBelow(instance.config.runDir)) process.kill(pid, 'SIGKILL')
    await instance.up()
    await expect.poll(all, POLL).toEqual(before)
  },
  TIMEOUT_MS,
)
