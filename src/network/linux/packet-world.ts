// For host tests only: one VPC with three tasks under the real network, anew for each test, and what is asked of them.

import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { run } from '#base/run.ts'
import { inProcessKernel } from '#linux/network-kernel-in-process.ts'
import type { ConformanceProbe } from '../conformance-world.ts'
import type { InterfacePlan, SecurityRule, VpcPlan } from '../network.ts'
import { linuxHarness, type LinuxHarness } from './linux-harness.ts'

export const open: SecurityRule = { protocol: '-1', cidr: '0.0.0.0/0' }
export const vpc = (ingress: readonly SecurityRule[], natIp = '198.18.0.101'): VpcPlan => ({
  id: 'vpc-a',
  cidrs: ['10.0.0.0/16'],
  subnets: [
    { id: 'subnet-nat', cidr: '10.0.1.0/24', routes: [{ destination: '0.0.0.0/0', target: 'nat-1' }] },
    { id: 'subnet-igw', cidr: '10.0.2.0/24', routes: [{ destination: '0.0.0.0/0', target: 'internet-gateway' }] },
  ],
  natGateways: [{ id: 'nat-1', subnetId: 'subnet-igw', publicIp: natIp }],
  securityGroups: [{ id: 'sg-1', ingress, egress: [open] }],
})
export const eni = (number: number): InterfacePlan => ({
  id: `eni-${number}`,
  vpcId: 'vpc-a',
  subnetId: 'subnet-nat',
  privateIp: `10.0.1.${number}`,
  mac: `0a:00:00:00:00:${number}`,
  securityGroupIds: ['sg-1'],
})
export const [a, b, c] = [eni(10), eni(11), eni(12)]

export let harness: LinuxHarness
/** They end with the test. */
export const children: ChildProcess[] = []
beforeEach(async () => {
  harness = await linuxHarness(inProcessKernel, { egress: true })
  await harness.network.applyVpc(vpc([open]))
  for (const plan of [a, b, c]) await harness.network.attach(plan)
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await harness.close()
})

export const path = (id: string): string => join(harness.runDir, 'netns', id)
export const inTask = (plan: InterfacePlan, ...command: readonly string[]): Promise<string> =>
  run('nsenter', [`--net=${path(plan.id)}`, ...command])
const tcp = (from: InterfacePlan, to: string, port = 80): ConformanceProbe => ({
  from: from.id,
  to,
  protocol: 'tcp',
  port,
})
export const reaches = (from: InterfacePlan, to: string, port = 80): Promise<boolean> =>
  harness.reaches(tcp(from, to, port))
