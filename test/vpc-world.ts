// For host tests: EC2's API, its controller and the Linux network in this process, in a network namespace of its own.
// The first import of such a test is #network/linux/private-host.ts.

import type * as sdk from '@aws-sdk/client-ec2'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ec2 } from '#apis/ec2/index.ts'
import { isRefused, plannedInterface, releasedInterface } from '#apis/ec2/model/interface-plan.ts'
import type { NetworkInterfaceRecord } from '#apis/ec2/model/records.ts'
import { ec2Key, networkInterfaces, subnets, takenAddresses } from '#apis/ec2/tables.ts'
import type { Call, Operations } from '#aws/operation.ts'
import { runToEnd } from '#base/run.ts'
import { NetworkInterfaceController } from '#controllers/network-interface/controller.ts'
import type { VpcServices } from '#controllers/network-interface/vpc-services.ts'
import { inProcessKernel } from '#linux/network-kernel-in-process.ts'
import { LinuxNetwork } from '#network/linux/linux-network.ts'
import { type Ask, asking, testCall } from './call.ts'

const PATIENCE = { timeout: 20_000 }

export interface VpcWorld {
  readonly call: Call
  readonly ask: Ask<Operations<typeof sdk>>
  readonly runDir: string
  readonly network: LinuxNetwork
  /** As after a kill -9, or for the first time; what is in the kernel stays between the two. */
  start(services?: VpcServices): void
  stop(): Promise<void>
  /** Stops, and removes everything. */
  close(): Promise<void>
  /** A VPC of 10.0.0.0/16 with one subnet, 10.0.1.0/24. */
  vpc(): Promise<{ readonly vpcId: string; readonly subnetId: string }>
  /** A security group that lets these UDP and TCP ports in from anywhere. */
  group(vpcId: string, name: string, ports?: readonly number[]): Promise<string>
  /** An interface such as the task controller makes; resolves when packets can flow. */
  attached(
    subnetId: string,
    groupIds: readonly string[],
    more?: Partial<NetworkInterfaceRecord['spec']>,
  ): Promise<NetworkInterfaceRecord>
  row(id: string): Promise<NetworkInterfaceRecord | undefined>
  /** Resolves when it is gone. */
  detached(one: NetworkInterfaceRecord): Promise<void>
  /** What a program in an interface's namespace writes; its exit code is for the caller to know. */
  inside(one: NetworkInterfaceRecord, ...command: readonly string[]): Promise<string>
}

export const vpcWorld = (name: string, more: Partial<Call> = {}): VpcWorld => {
  const call: Call = { ...testCall(), ...more }
  const { scope, store } = call
  const ask = asking<Operations<typeof sdk>>(ec2, () => call)
  const runDir = mkdtempSync(join(tmpdir(), `ng-${name}-`))
  const opened = (): LinuxNetwork =>
    new LinuxNetwork({ instance: `${name.slice(0, 4)}${process.pid}`, runDir, kernel: inProcessKernel, egress: false })
  let network = opened()
  let life = new AbortController()
  let running: Promise<void> = Promise.resolve()
  const row = (id: string): Promise<NetworkInterfaceRecord | undefined> =>
    store.read((reader) => reader.get(networkInterfaces, ec2Key(scope, id)))
  const stop = async (): Promise<void> => {
    life.abort()
    await running
    network.close()
  }
  return {
    call,
    ask,
    runDir,
    get network() {
      return network
    },
    start: (services) => {
      network = opened()
      life = new AbortController()
      const options = { ...call, network, ...(services === undefined ? {} : { services }) }
      running = new NetworkInterfaceController(options).run(life.signal)
    },
    stop,
    close: async () => {
      await stop()
      await opened().destroy()
      rmSync(runDir, { recursive: true })
    },
    vpc: async () => {
      const { Vpc } = await ask('CreateVpc', { CidrBlock: '10.0.0.0/16' })
      const vpcId = Vpc?.VpcId ?? ''
      const { Subnet } = await ask('CreateSubnet', { VpcId: vpcId, CidrBlock: '10.0.1.0/24' })
      return { vpcId, subnetId: Subnet?.SubnetId ?? '' }
    },
    group: async (vpcId, GroupName, ports = []) => {
      const { GroupId = '' } = await ask('CreateSecurityGroup', { GroupName, Description: 'for a test', VpcId: vpcId })
      for (const port of ports) {
        const range = { FromPort: port, ToPort: port, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }
        const IpPermissions = ['udp', 'tcp'].map((IpProtocol) => ({ ...range, IpProtocol }))
        await ask('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions })
      }
      return GroupId
    },
    attached: async (subnetId, securityGroupIds, spec = {}) => {
      const made = await store.write(async (tx) => {
        const subnet = await tx.get(subnets, ec2Key(scope, subnetId))
        if (subnet === undefined) throw new Error(`${subnetId} is gone`)
        const now = call.clock.now()
        const planned = plannedInterface({
          scope,
          subnet,
          taken: await takenAddresses(tx, subnet, now),
          securityGroupIds,
          assignPublicIp: false,
          description: 'of a task',
          now,
          random: call.random,
        })
        if (isRefused(planned)) throw new Error(planned.message)
        const wished = { ...planned, spec: { ...planned.spec, ...spec } }
        await tx.put(networkInterfaces, wished)
        return wished
      })
      await expect.poll(async () => (await row(made.id))?.status.state, PATIENCE).toBe('attached')
      return (await row(made.id)) ?? made
    },
    row,
    detached: async (one) => {
      await store.write((tx) => tx.put(networkInterfaces, releasedInterface(one)))
      await expect.poll(() => row(one.id), PATIENCE).toBeUndefined()
    },
    inside: async ({ id }, ...command) =>
      (await runToEnd('nsenter', [`--net=${join(runDir, 'netns', id)}`, ...command])).stdout,
  }
}
