// Services behind a load balancer in simulated time: the balancer is a fake whose targets are as the scenario says.

import type * as elbSdk from '@aws-sdk/client-elastic-load-balancing-v2'
import type { LoadBalancer } from '@aws-sdk/client-ecs'
import { elbv2 } from '#apis/elbv2/index.ts'
import type { TaskRecord } from '#apis/ecs/model/task.ts'
import { targets } from '#apis/elbv2/tables.ts'
import type { Operations } from '#aws/operation.ts'
import type { FakeTarget } from '#dataplane/balancer/fake/fake-balancer.ts'
import { asking } from '#test/call.ts'
import { ServiceWorld, SUBNETS } from './service-world.ts'
import type { Container, WorldOptions } from './world.ts'

export const PORT = 80
export const PORTS: Partial<Container> = { portMappings: [{ containerPort: PORT }] }

/** As the fake balancer names targets: "address:port". */
export const addressOf = (task: TaskRecord | undefined): string => {
  const details = task?.status.attachment.details ?? []
  return `${details.find(({ name }) => name === 'privateIPv4Address')?.value}:${PORT}`
}

export class BalancedWorld extends ServiceWorld {
  readonly askElb = asking<Operations<typeof elbSdk>>(elbv2, () => this.call())
  listenerArn = ''
  readonly groups: string[] = []

  constructor(options: WorldOptions = {}) {
    super(options)
  }

  /** An internal load balancer in all zones with one listener, which forwards to the first of these groups. */
  async balance(...names: string[]): Promise<void> {
    for (const Name of names) {
      const made = await this.askElb('CreateTargetGroup', {
        Name,
        TargetType: 'ip',
        Protocol: 'HTTP',
        Port: PORT,
        VpcId: 'vpc-1',
      } as never)
      this.groups.push(made.TargetGroups?.[0]?.TargetGroupArn ?? '')
    }
    const front = await this.askElb('CreateLoadBalancer', {
      Name: 'front',
      Scheme: 'internal',
      Subnets: SUBNETS,
    } as never)
    const made = await this.askElb('CreateListener', {
      LoadBalancerArn: front.LoadBalancers?.[0]?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: this.groups[0] }],
    } as never)
    this.listenerArn = made.Listeners?.[0]?.ListenerArn ?? ''
    await this.advance(1)
  }

  /** `loadBalancers` of a service whose container is that of the definition. */
  attached(taskDefinition: string, group = 0, more: Partial<LoadBalancer> = {}): LoadBalancer[] {
    // app() names the container of its n-th family app-n.
    const containerName = taskDefinition.replace('family', 'app')
    return [{ targetGroupArn: this.groups[group] ?? '', containerName, containerPort: PORT, ...more }]
  }

  /** From now on the target of the n-th live task is like that. */
  async target(at: number, script: FakeTarget): Promise<void> {
    this.balancer.script(addressOf((await this.live())[at]), script)
    await this.advance(0)
  }

  /** How many targets are on record, of whatever task. */
  async registered(): Promise<number> {
    return this.store.read((reader) => reader.count(targets))
  }
}
