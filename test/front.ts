// A load balancer in front of real web servers, and clients that never stop asking: for tests that nobody may notice.

import { ACMClient, RequestCertificateCommand } from '@aws-sdk/client-acm'
import { DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2'
import {
  CreateListenerCommand,
  type CreateListenerInput,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { clientOf, type Trust } from './asking-clients.ts'
import { defaultNetwork, openPorts } from './default-network.ts'
import type { Instance } from './instance.ts'
import { register } from './tasks.ts'

const CLIENTS = 6
/** In the certificates of HTTPS listeners. */
export const SERVED_NAME = 'front.example.com'

export interface Front {
  readonly elb: ElasticLoadBalancingV2Client
  /** Two of the default VPC's. */
  readonly subnets: string[]
  /** Registers a web server whose /cgi-bin/who answers that word after a while. Returns its family; its container is c0. */
  readonly app: (word: string) => Promise<string>
  /** A target group with quick health checks. Returns its ARN. */
  readonly group: (name: string) => Promise<string>
  /** Returns the ARN of a listener that forwards to the group. */
  readonly listener: (port: number, targetGroupArn: string) => Promise<string>
  /** How the group's targets are, in no certain order. */
  readonly states: (targetGroupArn: string) => Promise<(string | undefined)[]>
  /** An HTTPS listener that forwards to the group, with a certificate that was asked for. Returns whom its clients trust. */
  readonly secureListener: (port: number, targetGroupArn: string) => Promise<Trust>
  /** Begins to ask /cgi-bin/who at that listener; over HTTP/2 at an HTTPS one. */
  readonly load: (port: number, trust?: Trust) => Promise<Load>
  /** The rule that AWS shows as the listener's default one. */
  readonly defaultRule: (listenerArn: string) => Promise<string>
}

export interface Load {
  /** How often clients have been answered with each word since they were last forgotten. */
  readonly words: () => Readonly<Record<string, number>>
  readonly forget: () => void
  /** The words since this was last asked. */
  readonly newWords: () => string[]
  /** Whatever was not the answer 200, since the beginning. */
  readonly stop: () => Promise<string[]>
}

/** The command of a web server at port 8080 whose /cgi-bin/who answers that word after a while. */
export const whoServer = (word: string): [string, string, string] => {
  const answer = `printf 'Content-Type: text/plain\\r\\n\\r\\n'; sleep 0.1; echo ${word}`
  const script = [
    'mkdir -p /www/cgi-bin',
    `echo '#!/bin/sh' > /www/cgi-bin/who`,
    `echo "${answer.replaceAll('\\', '\\\\')}" >> /www/cgi-bin/who`,
    'chmod +x /www/cgi-bin/who',
    'echo ok > /www/index.html',
    // The first process of a container ends by SIGTERM only if it asks to.
    'httpd -f -p 8080 -h /www & trap "exit 0" TERM',
    'wait',
  ]
  return ['sh', '-c', script.join('; ')]
}

/** The address and port on this machine of a listener of the load balancer "front". */
export const doorOf = async (instance: Instance, port: number): Promise<URL> => {
  const { stdout } = await instance.neargate('url', 'front')
  const urls = stdout.split('\n').filter((line) => /^(https?|tcp):/.test(line))
  const url = urls.map((line) => new URL(line)).find((one) => Number(one.port || 80) === port)
  if (url === undefined) throw new Error(`no listener at ${port} in ${stdout}`)
  return url
}

/** Clients of the load balancer "front" that keep their connections, each with one request after the other; HTTP/2 if it is told whom to trust. */
export const loadOn = async (instance: Instance, port: number, trust?: Trust): Promise<Load> => {
  const door = await doorOf(instance, port)
  const wrong: string[] = []
  let counts: Record<string, number> = {}
  let isOver = false
  const client = async (): Promise<void> => {
    const { ask, end } = clientOf(trust === undefined ? 'HTTP/1.1' : 'HTTP/2', door.hostname, port, trust)
    while (!isOver) {
      try {
        const { status, body } = await ask('/cgi-bin/who')
        if (status === 200) counts[body.trim()] = (counts[body.trim()] ?? 0) + 1
        else wrong.push(String(status))
      } catch (error) {
        wrong.push(String(error))
      }
    }
    end()
  }
  const clients = Array.from({ length: CLIENTS }, client)
  const forget = (): void => {
    counts = {}
  }
  return {
    words: () => counts,
    forget,
    newWords: () => {
      const words = Object.keys(counts)
      forget()
      return words
    },
    stop: async () => {
      isOver = true
      await Promise.all(clients)
      return wrong
    },
  }
}

/** Makes a load balancer "front" in the default VPC, open at the ports 80 to 90. */
export const frontOf = async (instance: Instance, type: 'application' | 'network' = 'application'): Promise<Front> => {
  const elb = new ElasticLoadBalancingV2Client(instance.sdk)
  const { vpc, subnets } = await defaultNetwork(instance)
  await openPorts(instance, 80, 90)
  const isNetwork = type === 'network'
  const own = await instance.ec2.send(
    new DescribeSecurityGroupsCommand({
      Filters: [
        { Name: 'vpc-id', Values: [vpc] },
        { Name: 'group-name', Values: ['default'] },
      ],
    }),
  )
  const SecurityGroups = (own.SecurityGroups ?? []).map(({ GroupId }) => GroupId ?? '')
  const balancer = await elb.send(
    new CreateLoadBalancerCommand({ Name: 'front', Type: type, Subnets: subnets, SecurityGroups }),
  )
  const balancerArn = balancer.LoadBalancers?.[0]?.LoadBalancerArn ?? ''

  const app = (word: string): Promise<string> =>
    register(instance, [{ command: whoServer(word), stopTimeout: 2, portMappings: [{ containerPort: 8080 }] }])

  const group = async (Name: string): Promise<string> => {
    const made = await elb.send(
      new CreateTargetGroupCommand({
        Name,
        Protocol: isNetwork ? 'TCP' : 'HTTP',
        HealthCheckProtocol: 'HTTP',
        Port: 8080,
        VpcId: vpc,
        TargetType: 'ip',
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 2,
        HealthyThresholdCount: 2,
      }),
    )
    return made.TargetGroups?.[0]?.TargetGroupArn ?? ''
  }

  const listening = async (wish: Omit<CreateListenerInput, 'LoadBalancerArn'>): Promise<string> =>
    (await elb.send(new CreateListenerCommand({ LoadBalancerArn: balancerArn, ...wish }))).Listeners?.[0]
      ?.ListenerArn ?? ''

  const listener = (Port: number, TargetGroupArn: string): Promise<string> =>
    listening({
      Protocol: isNetwork ? 'TCP' : 'HTTP',
      Port,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    })

  const secureListener = async (Port: number, TargetGroupArn: string): Promise<Trust> => {
    const acm = new ACMClient(instance.sdk)
    const { CertificateArn } = await acm.send(new RequestCertificateCommand({ DomainName: SERVED_NAME }))
    await listening({
      Protocol: 'HTTPS',
      Port,
      Certificates: [{ CertificateArn }],
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    })
    return { root: (await instance.neargate('ca')).stdout, servername: SERVED_NAME }
  }

  const defaultRule = async (ListenerArn: string): Promise<string> =>
    (await elb.send(new DescribeRulesCommand({ ListenerArn }))).Rules?.[0]?.RuleArn ?? ''

  const states = async (arn: string): Promise<(string | undefined)[]> =>
    ((await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }))).TargetHealthDescriptions ?? []).map(
      ({ TargetHealth }) => TargetHealth?.State,
    )

  const load = (port: number, trust?: Trust): Promise<Load> => loadOn(instance, port, trust)

  return { elb, subnets, app, group, listener, secureListener, states, load, defaultRule }
}
