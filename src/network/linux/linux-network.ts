// The network on a Linux host: one router namespace per VPC, one namespace per interface.

import { Fault } from '#base/fault.ts'
import type { NetworkKernel } from '#linux/network-kernel.ts'
import type {
  AttachedInterface,
  InterfaceCounters,
  InterfacePlan,
  Network,
  NetworkObservation,
  VpcPlan,
} from '../network.ts'
import type { FlowCounts, FlowSpan } from '../flow-counter.ts'
import { checkFree, checkInterfacePlan, checkVpcPlan } from '../plan-check.ts'
import { countsOf, endSpan, forgetSpan } from './flow-counts.ts'
import { HostSide } from './host-side.ts'
import { checkInstance, namespacePath, TASK_INTERFACE } from './names.ts'
import { Records } from './records.ts'
import { hasIpv6 } from './router-places.ts'
import { Router } from './router.ts'

export interface LinuxNetworkOptions {
  /** [a-z0-9]{1,16}; names everything that is outside of `runDir`. Several instances share a machine. */
  readonly instance: string
  /** Cleared when the machine starts, e.g. "/run/neargate". */
  readonly runDir: string
  readonly kernel: NetworkKernel
  /** false: nothing leaves the machine, whatever the plans say. */
  readonly egress: boolean
}

export class LinuxNetwork implements Network {
  readonly #options: LinuxNetworkOptions
  readonly #records: Records
  readonly #host: HostSide
  readonly #routers = new Map<string, Router>()
  readonly #interfaces = new Map<string, InterfacePlan>()
  /** Ends with the last call; calls on the network take turns. */
  #turn: Promise<unknown> = Promise.resolve()

  /** Takes up what an earlier server left below `runDir`. Nothing in the kernel is touched yet. */
  constructor(options: LinuxNetworkOptions) {
    checkInstance(options.instance)
    this.#options = options
    this.#records = new Records(options.runDir)
    const { instance, kernel, egress } = options
    this.#host = new HostSide({ instance, kernel, egressAllowed: egress })
    for (const plan of this.#records.all('interfaces')) this.#interfaces.set(plan.id, plan)
    for (const plan of this.#records.all('vpcs')) this.#routers.set(plan.id, this.#router(plan))
  }

  applyVpc(plan: VpcPlan): Promise<void> {
    return this.#inTurn(async () => {
      checkVpcPlan(plan)
      const router = this.#routers.get(plan.id) ?? this.#router(plan)
      router.check(plan)
      this.#records.put('vpcs', plan)
      this.#routers.set(plan.id, router)
      await this.#apply(router, plan)
    })
  }

  removeVpc(id: string): Promise<void> {
    return this.#inTurn(() => this.#removeVpc(id))
  }

  attach(plan: InterfacePlan): Promise<AttachedInterface> {
    return this.#inTurn(async () => {
      const router = await this.#applied(plan.vpcId)
      this.#check(plan, router.plan)
      this.#record(plan)
      await router.attach(plan)
      await this.#leadPublic(router)
      return { id: plan.id, namespacePath: this.#path(plan.id) }
    })
  }

  update(plan: InterfacePlan): Promise<void> {
    return this.#inTurn(async () => {
      const router = await this.#applied(plan.vpcId)
      if (!this.#interfaces.has(plan.id)) throw new Fault('not-found', `${plan.id} is not attached`)
      this.#check(plan, router.plan)
      this.#record(plan)
      await router.update(plan)
      await this.#leadPublic(router)
    })
  }

  detach(id: string): Promise<void> {
    return this.#inTurn(async () => {
      const plan = this.#interfaces.get(id)
      if (plan === undefined) return
      const router = await this.#applied(plan.vpcId)
      await router.detach(plan)
      await this.#leadPublic(router)
      await this.#forget(id)
    })
  }

  async counters(id: string): Promise<InterfaceCounters | undefined> {
    if (!this.#interfaces.has(id)) return undefined
    const task = await this.#options.kernel.open(this.#path(id))
    try {
      return await task.linkCounters(TASK_INTERFACE)
    } finally {
      task.close()
    }
  }

  endFlowSpan(vpcId: string, now: Date): Promise<readonly FlowSpan[]> {
    return this.#inTurn(async () => {
      const router = await this.#counting(vpcId)
      return router?.plan.flowLogs === undefined ? [] : endSpan(router.handle, router.plan.flowLogs, now)
    })
  }

  flowCounts(vpcId: string, span: FlowSpan): Promise<FlowCounts> {
    return this.#inTurn(async () => {
      const router = await this.#counting(vpcId)
      return router === undefined ? { flows: [], incomplete: [] } : countsOf(router.handle, span)
    })
  }

  forgetFlowSpan(vpcId: string, span: FlowSpan): Promise<void> {
    return this.#inTurn(async () => {
      const router = await this.#counting(vpcId)
      if (router !== undefined) await forgetSpan(router.handle, span)
    })
  }

  async observe(): Promise<NetworkObservation> {
    return {
      vpcs: [...this.#routers.keys()].map((id) => ({ id })),
      interfaces: [...this.#interfaces.values()].map(({ id, vpcId, privateIp }) => {
        return { id, vpcId, privateIp, namespacePath: this.#path(id) }
      }),
    }
  }

  destroy(): Promise<void> {
    return this.#inTurn(async () => {
      for (const id of this.#routers.keys()) await this.#removeVpc(id)
      await this.#host.destroy()
    })
  }

  /** Gives up descriptors and nothing else; what was made stays. */
  close(): void {
    for (const router of this.#routers.values()) router.close()
    this.#host.close()
  }

  /** One call after the other: a filter is computed from the one before it. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    // A refused call must not refuse the next one.
    this.#turn = result.catch(() => undefined)
    return result
  }

  #path(id: string): string {
    return namespacePath(this.#options.runDir, id)
  }

  #check(plan: InterfacePlan, vpc: VpcPlan): void {
    checkInterfacePlan(plan, vpc)
    checkFree(plan, this.#interfaces.values())
  }

  #record(plan: InterfacePlan): void {
    this.#records.put('interfaces', plan)
    this.#interfaces.set(plan.id, plan)
  }

  async #forget(id: string): Promise<void> {
    await this.#options.kernel.removeNamespace(this.#path(id))
    this.#records.remove('interfaces', id)
    this.#interfaces.delete(id)
  }

  #router(plan: VpcPlan): Router {
    const { kernel, egress } = this.#options
    return new Router({
      kernel,
      plan,
      interfaces: [...this.#interfaces.values()].filter(({ vpcId }) => vpcId === plan.id),
      namespacePath: this.#path(plan.id),
      interfacePath: (id) => this.#path(id),
      egressAllowed: egress,
    })
  }

  /** The router of a VPC, repaired first when a crash may have left it half done. Fault "not-found". */
  async #applied(vpcId: string): Promise<Router> {
    const router = this.#routers.get(vpcId)
    if (router === undefined) throw new Fault('not-found', `${vpcId} has not been applied`)
    if (!router.isApplied) await this.#apply(router, router.plan)
    return router
  }

  /** The router of a VPC whose packets are counted, if there is one. */
  async #counting(vpcId: string): Promise<Router | undefined> {
    const router = this.#routers.get(vpcId)
    return router?.plan.flowLogs === undefined ? undefined : this.#applied(vpcId)
  }

  async #apply(router: Router, plan: VpcPlan): Promise<void> {
    await router.apply(plan)
    if (router.wantsUplink)
      await router.useUplink(await this.#host.connect(plan.id, this.#path(plan.id), hasIpv6(plan)))
    else await this.#host.disconnect(plan.id, this.#publicOf(plan.id))
    await this.#leadPublic(router)
  }

  async #leadPublic(router: Router): Promise<void> {
    if (router.wantsUplink) await this.#host.setExposed(router.plan.id, router.exposed)
  }

  #publicOf(vpcId: string): string[] {
    const ofInterfaces = [...this.#interfaces.values()].flatMap((plan) =>
      plan.vpcId === vpcId ? [plan.publicIp ?? [], plan.ipv6Address ?? []].flat() : [],
    )
    const gateways = this.#routers.get(vpcId)?.plan.natGateways ?? []
    return [...ofInterfaces, ...gateways.map((gateway) => gateway.publicIp)]
  }

  async #removeVpc(id: string): Promise<void> {
    const router = this.#routers.get(id)
    if (router === undefined) return
    await this.#host.disconnect(id, this.#publicOf(id))
    for (const { id: interfaceId, vpcId } of this.#interfaces.values()) {
      if (vpcId === id) await this.#forget(interfaceId)
    }
    await router.cut()
    router.close()
    await this.#options.kernel.removeNamespace(this.#path(id))
    this.#records.remove('vpcs', id)
    this.#routers.delete(id)
  }
}
