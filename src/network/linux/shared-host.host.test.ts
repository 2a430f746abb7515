// What a host notices of its networks, and whoever else lives there: other instances, Docker, other machines.

import './private-host.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run, runToEnd } from '#base/run.ts'
import { inProcessKernel } from '#linux/network-kernel-in-process.ts'
import { INTERNET } from '../conformance-world.ts'
import type { VpcPlan } from '../network.ts'
import { LinuxNetwork } from './linux-network.ts'
import { a, harness, open, reaches, vpc } from './packet-world.ts'

describe('a host', () => {
  it('carries several instances that share nothing', async () => {
    const runDir = mkdtempSync(join(tmpdir(), 'ng-second-'))
    const second = new LinuxNetwork({ instance: `s${process.pid}`, runDir, kernel: inProcessKernel, egress: true })
    const publicIp = '198.18.0.77'
    await second.applyVpc(vpc([open], '198.18.0.102'))
    const other = { ...a, id: 'eni-other', subnetId: 'subnet-igw', privateIp: '10.0.2.20', publicIp }
    const { namespacePath } = await second.attach(other)
    const out = async (): Promise<boolean> =>
      (await runToEnd('nsenter', [`--net=${namespacePath}`, 'busybox', 'nc', '-w1', INTERNET, '80', '-e', 'true']))
        .exitCode === 0
    expect([await reaches(a, INTERNET), await out()]).toEqual([true, true])
    expect(await reaches(a, '10.0.2.20')).toBe(false)
    await harness.network.removeVpc('vpc-a')
    await harness.network.destroy()
    expect(await out()).toBe(true)
    await second.destroy()
    rmSync(runDir, { recursive: true })
  })

  it('keeps no address of a NAT gateway that is gone, whether the way out stays or not', async () => {
    const natAddress = vpc([]).natGateways?.[0]?.publicIp ?? ''
    const onHost = async (): Promise<string> => `${await run('nft', ['list', 'ruleset'])}${await run('ip', ['route'])}`
    const without = (subnets: VpcPlan['subnets']): VpcPlan => ({ ...vpc([open]), natGateways: [], subnets })
    const bare = vpc([]).subnets.map((subnet) => ({ ...subnet, routes: [] }))
    expect(await reaches(a, INTERNET)).toBe(true)
    expect(await onHost()).toContain(natAddress)
    await harness.network.applyVpc(without(bare.map((subnet, at) => vpc([]).subnets[at === 1 ? at : -1] ?? subnet)))
    expect(await onHost()).not.toContain(natAddress)
    await harness.network.applyVpc(vpc([open]))
    expect(await onHost()).toContain(natAddress)
    await harness.network.applyVpc(without(bare))
    expect(await onHost()).not.toContain(natAddress)
    expect(await reaches(a, INTERNET)).toBe(false)
  })

  it('with Docker lets tasks out, and is left as it was', async () => {
    await harness.network.removeVpc('vpc-a')
    const rules = [
      ['-N', 'DOCKER-USER'],
      ['-A', 'DOCKER-USER', '-j', 'RETURN'],
      ['-A', 'FORWARD', '-j', 'DOCKER-USER'],
      ['-P', 'FORWARD', 'DROP'],
    ]
    for (const rule of rules) await run('iptables', rule)
    const before = await run('iptables', ['-S'])
    await harness.network.applyVpc(vpc([open]))
    await harness.network.attach(a)
    expect(await reaches(a, INTERNET)).toBe(true)
    await harness.network.destroy()
    expect(await run('iptables', ['-S'])).toBe(before)
    for (const rule of [['-P', 'FORWARD', 'ACCEPT'], ['-F'], ['-X']]) await run('iptables', rule)
    await run('nft', ['flush', 'ruleset'])
  })

  it('forwards nothing for others that it did not before', async () => {
    expect(await run('sysctl', ['-n', 'net.ipv4.ip_forward'])).toBe('0\n')
    const side = join(harness.runDir, 'side')
    await inProcessKernel.createNamespace(side, {})
    const [neighbour, host] = [await inProcessKernel.open(side), await inProcessKernel.open()]
    await host.change([
      { do: 'add-veth', name: 'lan0', peer: { name: 'eth0', namespacePath: side }, mtuBytes: 1500 },
      { do: 'add-address', name: 'lan0', prefix: { address: '192.168.50.1', length: 24 } },
      { do: 'set-up', name: 'lan0' },
    ])
    await neighbour.change([
      { do: 'add-address', name: 'eth0', prefix: { address: '192.168.50.2', length: 24 } },
      { do: 'set-up', name: 'eth0' },
      { do: 'add-route', to: { address: '0.0.0.0', length: 0 }, name: 'eth0', via: '192.168.50.1' },
    ])
    const internet = await inProcessKernel.open(harness.internetPath)
    const lan = { address: '192.168.50.0', length: 24 }
    await internet.change([{ do: 'add-route', to: lan, name: 'eth0', via: '203.0.113.2' }])
    const ping = (file: string, to: string): Promise<{ exitCode: number }> =>
      runToEnd('nsenter', [`--net=${file}`, 'busybox', 'ping', '-c1', '-W1', to])
    await expect.poll(async () => (await ping(side, '192.168.50.1')).exitCode, { timeout: 10_000 }).toBe(0)
    expect((await ping(side, INTERNET)).exitCode).toBe(1)
    expect((await ping(harness.internetPath, '192.168.50.2')).exitCode).toBe(1)
    expect(await reaches(a, '192.168.50.2')).toBe(false)
    await host.change([{ do: 'delete-link', name: 'lan0' }])
    for (const handle of [neighbour, host, internet]) handle.close()
    await inProcessKernel.removeNamespace(side)
  })
})
