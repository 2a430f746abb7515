// The demo's second half: a web service in two zones behind a load balancer, deployed twice while clients keep asking.

import type { DescribeServicesResponse, Service } from '@aws-sdk/client-ecs'
import { systemClock } from '#base/clock.ts'
import { keepAsking, summary } from './load.ts'
import { IMAGE, type Place, say, texts } from './stage.ts'

export const NAME = 'neargate-demo'
const PORT = 8080
const TASKS = 4
const REQUESTS_SHOWN = 3

const only = (found: readonly string[], what: string): string => {
  const [first] = found
  if (first === undefined) throw new Error(`there is no ${what}`)
  return first
}

/** A security group of that name: the one that an earlier demo has made, or a new one that lets this in. */
const securityGroup = async (
  { client, vpcId }: Place,
  name: string,
  ingress: Readonly<Record<string, string>>,
): Promise<string> => {
  const byName = { 'Filter.1.Name': 'group-name', 'Filter.1.Value.1': name }
  const [found] = texts(await client.query('ec2', 'DescribeSecurityGroups', byName), 'groupId')
  if (found !== undefined) return found
  const wish = { GroupName: name, GroupDescription: 'of the demo', VpcId: vpcId }
  const made = only(texts(await client.query('ec2', 'CreateSecurityGroup', wish), 'groupId'), 'security group')
  const rule = Object.entries(ingress).map(([key, value]) => [`IpPermissions.1.${key}`, value])
  await client.query('ec2', 'AuthorizeSecurityGroupIngress', { GroupId: made, ...Object.fromEntries(rule) })
  return made
}

const ports = (from: number): Record<string, string> => ({
  IpProtocol: 'tcp',
  FromPort: String(from),
  ToPort: String(from),
})

/** Load balancer, target group and listener; creating what is there already answers what is there. */
const balanced = async (place: Place, groupId: string): Promise<{ targetGroupArn: string; url: string }> => {
  const { client, vpcId, subnets } = place
  const elb = (action: string, parameters: Record<string, string>): Promise<string> =>
    client.query('elasticloadbalancing', action, parameters)
  const balancer = await elb('CreateLoadBalancer', {
    Name: NAME,
    'SecurityGroups.member.1': groupId,
    ...Object.fromEntries(subnets.map((subnet, at) => [`Subnets.member.${at + 1}`, subnet])),
  })
  const loadBalancerArn = only(texts(balancer, 'LoadBalancerArn'), 'load balancer')
  const targets = await elb('CreateTargetGroup', {
    Name: NAME,
    Protocol: 'HTTP',
    Port: String(PORT),
    VpcId: vpcId,
    TargetType: 'ip',
    HealthCheckIntervalSeconds: '5',
    HealthCheckTimeoutSeconds: '2',
    HealthyThresholdCount: '2',
  })
  const targetGroupArn = only(texts(targets, 'TargetGroupArn'), 'target group')
  await elb('ModifyTargetGroupAttributes', {
    TargetGroupArn: targetGroupArn,
    'Attributes.member.1.Key': 'deregistration_delay.timeout_seconds',
    'Attributes.member.1.Value': '10',
  })
  const listeners = await elb('DescribeListeners', { LoadBalancerArn: loadBalancerArn })
  if (texts(listeners, 'ListenerArn').length === 0) {
    await elb('CreateListener', {
      LoadBalancerArn: loadBalancerArn,
      Protocol: 'HTTP',
      Port: '80',
      'DefaultActions.member.1.Type': 'forward',
      'DefaultActions.member.1.TargetGroupArn': targetGroupArn,
    })
  }
  return { targetGroupArn, url: await answering(place) }
}

/** Where it answers from this machine, once it does. */
const answering = async ({ client }: Place): Promise<string> => {
  for (;;) {
    const { urls } = (await client.own('GET', `/_neargate/load-balancers?of=${NAME}`)) as { urls: readonly string[] }
    const [first] = urls
    if (first !== undefined) return first
    await systemClock.sleep(0.05)
  }
}

const registered = ({ client }: Place, version: string): Promise<unknown> =>
  client.aws('ecs', 'RegisterTaskDefinition', {
    family: `${NAME}-web`,
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    containerDefinitions: [
      {
        name: 'web',
        image: IMAGE,
        command: ['sh', '-c', `echo "${version} from $(hostname)" > /tmp/index.html; exec httpd -f -p ${PORT} -h /tmp`],
        portMappings: [{ containerPort: PORT }],
        // Hands SIGTERM on: a first process that does not handle it would never see it.
        linuxParameters: { initProcessEnabled: true },
      },
    ],
  })

const service = async ({ client }: Place): Promise<Service | undefined> => {
  const { services = [] } = await client.aws<DescribeServicesResponse>('ecs', 'DescribeServices', { services: [NAME] })
  return services.find(({ status }) => status === 'ACTIVE')
}

/** Until only the newest deployment is left, and it is complete. */
const steady = async (place: Place): Promise<void> => {
  for (;;) {
    const { deployments = [] } = (await service(place)) ?? {}
    const [first, ...others] = deployments
    if (first?.rolloutState === 'FAILED') throw new Error(`the deployment has failed: ${first.rolloutStateReason}`)
    if (first?.rolloutState === 'COMPLETED' && others.length === 0) return
    await systemClock.sleep(0.1)
  }
}

const deployed = async (place: Place, version: string, targetGroupArn: string): Promise<void> => {
  await registered(place, version)
  const wish = { taskDefinition: `${NAME}-web`, desiredCount: TASKS }
  if ((await service(place)) !== undefined) {
    await place.client.aws('ecs', 'UpdateService', { service: NAME, ...wish })
  } else {
    const groupId = await securityGroup(place, `${NAME}-web`, {
      ...ports(PORT),
      'Groups.1.GroupId': await frontGroup(place),
    })
    await place.client.aws('ecs', 'CreateService', {
      serviceName: NAME,
      ...wish,
      launchType: 'FARGATE',
      loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: PORT }],
      networkConfiguration: { awsvpcConfiguration: { subnets: place.subnets, securityGroups: [groupId] } },
    })
  }
  await steady(place)
}

const frontGroup = (place: Place): Promise<string> =>
  securityGroup(place, `${NAME}-front`, { ...ports(80), 'IpRanges.1.CidrIp': '0.0.0.0/0' })

const lastRequests = async ({ client }: Place): Promise<string[]> => {
  const found = await client.own('GET', `/_neargate/requests?of=${NAME}`)
  return (found as { requests: { entry: string }[] }).requests.slice(-REQUESTS_SHOWN).map(({ entry }) => entry)
}

/** True when no client has seen an error. */
export const serveWeb = async (place: Place): Promise<boolean> => {
  say(`\nA web service: ${TASKS} tasks in ${place.subnets.length} zones behind an Application Load Balancer.`)
  const { targetGroupArn, url } = await balanced(place, await frontGroup(place))
  await deployed(place, 'version 1', targetGroupArn)
  say(`  it answers at ${url}\n\nDeploying twice while clients keep asking:`)
  const load = keepAsking(url, (line) => say(`  ${line}`))
  for (const version of ['version 2', 'version 3']) {
    await deployed(place, version, targetGroupArn)
    say(`  ${version} is in place`)
  }
  const counts = await load.end()
  say('\nThe last requests, as the load balancer has logged them:')
  for (const entry of await lastRequests(place)) say(`  ${entry}`)
  say(`\n${summary(counts)}`)
  return counts.failures === 0
}
