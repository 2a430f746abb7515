// Blue/green deployments in simulated time: a service behind a load balancer with a production and a test listener, and a
// diary of what its deployments do to lifecycle events, traffic and task sets.

import type * as sdk from '@aws-sdk/client-codedeploy'
import { codedeploy } from '#apis/codedeploy/index.ts'
import type { DeploymentRecord } from '#apis/codedeploy/model/deployment.ts'
import { deployments } from '#apis/codedeploy/tables.ts'
import type { TaskSetRecord } from '#apis/ecs/model/task-set.ts'
import { taskSets } from '#apis/ecs/tables.ts'
import type { ActionRecord } from '#apis/elbv2/model/action.ts'
import type { ListenerRecord } from '#apis/elbv2/model/listener.ts'
import type { RuleRecord } from '#apis/elbv2/model/rule.ts'
import { listeners, rules } from '#apis/elbv2/tables.ts'
import type { Operations } from '#aws/operation.ts'
import type { FakeScript } from '#engine/fake/script.ts'
import type { Change } from '#store/store.ts'
import { asking } from '#test/call.ts'
import { BalancedWorld, PORT, PORTS } from './balanced-world.ts'
import type { WorldOptions } from './world.ts'

export interface GroupWish {
  /** All at once when absent. */
  readonly config?: string
  /** Minutes that the original task set stays. */
  readonly termination?: number
  /** Minutes to wait for ContinueDeployment. */
  readonly readyWait?: number
  readonly rollbackOn?: readonly sdk.AutoRollbackEvent[]
  readonly alarms?: readonly string[]
  /** With a listener for test traffic. */
  readonly test?: boolean
}

const clockText = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`

export class DeployWorld extends BalancedWorld {
  readonly askDeploy = asking<Operations<typeof sdk>>(codedeploy, () => this.call())
  testListenerArn = ''
  readonly #lines: string[] = []
  readonly #names = new Map<string, string>()
  #start = 0
  #lastTime = ''

  constructor(options: WorldOptions = {}) {
    super(options)
    this.store.watch([deployments, taskSets, listeners, rules], (changes) => {
      for (const change of changes) this.#note(change)
    })
  }

  override get story(): string {
    return `\n${[...this.#lines, ...this.bugs].join('\n')}\n`
  }

  /** "web" with two tasks in the target group blue, and an application and group "web"; the diary begins after it. */
  async deployable({ test = false, readyWait = 0, ...wish }: GroupWish = {}): Promise<void> {
    await this.balance('blue', 'green')
    if (test) this.testListenerArn = await this.listen(8080, 1)
    const family = await this.app({}, PORTS)
    await this.create(family, 2, {
      deploymentController: { type: 'CODE_DEPLOY' },
      loadBalancers: this.attached(family),
    })
    await this.advance(60)
    await this.askDeploy('CreateApplication', { applicationName: 'web', computePlatform: 'ECS' } as never)
    await this.askDeploy('CreateDeploymentGroup', {
      applicationName: 'web',
      deploymentGroupName: 'web',
      serviceRoleArn: 'arn:aws:iam::123456789012:role/deployer',
      ...(wish.config === undefined ? {} : { deploymentConfigName: wish.config }),
      ecsServices: [{ clusterName: 'default', serviceName: 'web' }],
      deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
      blueGreenDeploymentConfiguration: {
        terminateBlueInstancesOnDeploymentSuccess: {
          action: 'TERMINATE',
          terminationWaitTimeInMinutes: wish.termination ?? 0,
        },
        deploymentReadyOption: {
          actionOnTimeout: readyWait === 0 ? 'CONTINUE_DEPLOYMENT' : 'STOP_DEPLOYMENT',
          waitTimeInMinutes: readyWait,
        },
      },
      loadBalancerInfo: {
        targetGroupPairInfoList: [
          {
            targetGroups: [{ name: 'blue' }, { name: 'green' }],
            prodTrafficRoute: { listenerArns: [this.listenerArn] },
            ...(test ? { testTrafficRoute: { listenerArns: [this.testListenerArn] } } : {}),
          },
        ],
      },
      ...(wish.rollbackOn === undefined
        ? {}
        : { autoRollbackConfiguration: { enabled: true, events: wish.rollbackOn } }),
      ...(wish.alarms === undefined
        ? {}
        : { alarmConfiguration: { enabled: true, alarms: wish.alarms.map((name) => ({ name })) } }),
    } as never)
    this.#begin()
  }

  /** One more listener of the load balancer, forwarding to the n-th group. Returns its ARN. */
  async listen(port: number, group: number): Promise<string> {
    const { LoadBalancers: all } = await this.askElb('DescribeLoadBalancers', {} as never)
    const made = await this.askElb('CreateListener', {
      LoadBalancerArn: all?.[0]?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: port,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: this.groups[group] }],
    } as never)
    return made.Listeners?.[0]?.ListenerArn ?? ''
  }

  /** A deployment of a new task definition whose container lives as scripted. Returns its id. */
  async bluegreen(
    more: Partial<sdk.CreateDeploymentInput> & { readonly hooks?: object; readonly script?: FakeScript } = {},
  ): Promise<string> {
    const { hooks = {}, script = {}, ...input } = more
    const family = await this.app(script, PORTS)
    const content = JSON.stringify({
      version: 0.0,
      Resources: [
        {
          TargetService: {
            Type: 'AWS::ECS::Service',
            Properties: {
              TaskDefinition: family,
              LoadBalancerInfo: { ContainerName: family.replace('family', 'app'), ContainerPort: PORT },
            },
          },
        },
      ],
      Hooks: Object.entries(hooks).map(([event, target]) => ({ [event]: target })),
    })
    this.tell('— CreateDeployment')
    const { deploymentId = '' } = await this.askDeploy('CreateDeployment', {
      applicationName: 'web',
      deploymentGroupName: 'web',
      revision: { revisionType: 'AppSpecContent', appSpecContent: { content } },
      ...input,
    } as never)
    return deploymentId
  }

  async deployment(deploymentId: string): Promise<sdk.DeploymentInfo> {
    const { deploymentInfo } = await this.askDeploy('GetDeployment', { deploymentId } as never)
    if (deploymentInfo === undefined) throw new Error(`there is no ${deploymentId}`)
    return deploymentInfo
  }

  /** Its lifecycle events, e.g. "BeforeInstall Succeeded". */
  async eventsOf(deploymentId: string): Promise<string[]> {
    const { deploymentTarget } = await this.askDeploy('GetDeploymentTarget', {
      deploymentId,
      targetId: 'default:web',
    } as never)
    return (deploymentTarget?.ecsTarget?.lifecycleEvents ?? []).map(
      ({ lifecycleEventName, status }) => `${lifecycleEventName} ${status}`,
    )
  }

  tell(text: string): void {
    const time = clockText((this.clock.now().getTime() - this.#start) / 1000)
    this.#lines.push(`${(time === this.#lastTime ? '' : time).padStart(6)}  ${text}`)
    this.#lastTime = time
  }

  #begin(): void {
    this.#start = this.clock.now().getTime()
    this.#lines.length = 0
    this.#lastTime = ''
  }

  /** Ids are noise: what is told is told by the order in which it came. */
  #name(id: string, letter: string): string {
    const known = this.#names.get(id)
    if (known !== undefined) return known
    const name = `${letter}${[...this.#names.values()].filter((one) => one.startsWith(letter)).length + 1}`
    this.#names.set(id, name)
    return name
  }

  #note({ table, before, after }: Change): void {
    if (table === deployments.name) {
      this.#noteDeployment(before as DeploymentRecord | undefined, after as DeploymentRecord | undefined)
    } else if (table === taskSets.name) {
      this.#noteTaskSet(before as TaskSetRecord | undefined, after as TaskSetRecord | undefined)
    } else if (table === listeners.name) {
      const [was, is] = [before, after] as (ListenerRecord | undefined)[]
      if (is !== undefined) this.#noteActions(`:${is.spec.port}`, was?.spec.defaultActions, is.spec.defaultActions)
    } else {
      const [was, is] = [before, after] as (RuleRecord | undefined)[]
      if (is !== undefined) this.#noteActions('rule', was?.spec.actions, is.spec.actions)
    }
  }

  #noteDeployment(was: DeploymentRecord | undefined, is: DeploymentRecord | undefined): void {
    if (is === undefined) return
    const name = this.#name(is.id, 'd')
    const undone = is.spec.undoes === undefined ? '' : ` (undoes ${this.#name(is.spec.undoes.deploymentId, 'd')})`
    const { state, error } = is.progress
    const isOver = error !== undefined || state === 'Succeeded'
    const tellState = (): void => {
      if (was?.progress.state === state) return
      this.tell(`${name} ${state}${undone}${error === undefined ? '' : `: ${error.code} ${error.message}`}`)
    }
    if (!isOver) tellState()
    for (const event of is.progress.events) {
      const { status } = was?.progress.events.find((one) => one.name === event.name) ?? { status: 'Pending' }
      if (status !== event.status && was !== undefined) this.tell(`${name} ${event.name} ${event.status}`)
    }
    if (isOver) tellState()
  }

  #noteTaskSet(was: TaskSetRecord | undefined, is: TaskSetRecord | undefined): void {
    const name = this.#name((is ?? was)?.arn ?? '', 't')
    const shown = (set: TaskSetRecord): string => {
      const { isPrimary, deleteRequestedAt } = set.spec
      return deleteRequestedAt === undefined ? (isPrimary ? 'PRIMARY' : 'ACTIVE') : 'DRAINING'
    }
    if (is === undefined) return this.tell(`${name} gone`)
    const now = shown(is)
    if (was === undefined || shown(was) !== now) this.tell(`${name} ${now}`)
    if (was?.status.stability !== is.status.stability) this.tell(`${name} ${is.status.stability}`)
  }

  #noteActions(what: string, was: readonly ActionRecord[] | undefined, is: readonly ActionRecord[]): void {
    const shown = (actions: readonly ActionRecord[] | undefined): string =>
      (actions ?? [])
        .flatMap((action) => (action.type === 'forward' ? action.targetGroups : []))
        .map(({ arn, weight }) => `${arn.split('/')[1]} ${weight}`)
        .join(' · ')
    if (shown(was) !== shown(is)) this.tell(`${what} ${shown(is)}`)
  }
}
