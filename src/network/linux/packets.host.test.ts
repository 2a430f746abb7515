// What only packets can show: how they are counted, what a task sees of its network, and what a hostile one can forge.

import './private-host.ts'
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { run, runToEnd } from '#base/run.ts'
import { METADATA_ADDRESS } from '../addresses.ts'
import { INTERNET } from '../conformance-world.ts'
import type { InterfacePlan } from '../network.ts'
import { a, b, c, children, eni, harness, inTask, open, path, reaches, vpc } from './packet-world.ts'

describe('packets', () => {
  it('are counted as the task sees them', async () => {
    const before = [await harness.network.counters(a.id), await harness.network.counters(b.id)] as const
    await inTask(a, 'busybox', 'ping', '-c', '1', '-s', '1000', '-q', b.privateIp)
    const after = [await harness.network.counters(a.id), await harness.network.counters(b.id)] as const
    const grown = (at: 0 | 1, what: 'sentBytes' | 'receivedBytes'): number =>
      (after[at]?.[what] ?? 0) - (before[at]?.[what] ?? 0)
    // Echo and reply: 1000 bytes, 8 of ICMP, 20 of IP, 14 of Ethernet; ARP may add its own.
    expect([grown(0, 'sentBytes'), grown(1, 'receivedBytes')].every((bytes) => bytes >= 1042)).toBe(true)
    expect([grown(0, 'receivedBytes'), grown(1, 'sentBytes')].every((bytes) => bytes >= 1042)).toBe(true)
    expect(await harness.network.counters('eni-unknown')).toBeUndefined()
  })
})

describe('a task', () => {
  it('sees its address as on AWS, and asks for no neighbour, there or not', async () => {
    const late = eni(13)
    await runToEnd('nsenter', [`--net=${path(a.id)}`, 'busybox', 'ping', '-c', '1', '-W', '1', late.privateIp])
    expect(await inTask(a, 'ip', '-4', '-brief', 'address', 'show', 'eth0')).toMatch(/10\.0\.1\.10\/24/)
    const neighbours = (await inTask(a, 'ip', '-4', 'neighbour', 'show')).trim().split('\n')
    expect(neighbours).toEqual([expect.stringMatching(/^10\.0\.1\.1 .*PERMANENT/)])
    await harness.network.attach(late)
    expect(await reaches(a, late.privateIp)).toBe(true)
  })
})

describe('a hostile task', () => {
  it('sends from no other address', async () => {
    expect(await reaches(a, c.privateIp)).toBe(true)
    await inTask(a, 'ip', 'address', 'add', '10.0.1.99/32', 'dev', 'eth0')
    await inTask(a, 'ip', 'address', 'add', `${b.privateIp}/32`, 'dev', 'lo')
    const ping = (...more: string[]): Promise<{ exitCode: number }> =>
      runToEnd('nsenter', [`--net=${path(a.id)}`, 'busybox', 'ping', '-c1', '-W1', ...more, c.privateIp])
    expect((await ping()).exitCode).toBe(0)
    expect((await ping('-I', '10.0.1.99')).exitCode).toBe(1)
    expect((await ping('-I', b.privateIp)).exitCode).toBe(1)
  })

  it('sends from no other IPv6 address', async () => {
    const six = (number: number): InterfacePlan => ({
      ...eni(number),
      ipv6Address: `2001:db8:1::${number}`,
    })
    const plan = vpc([open, { protocol: '-1', cidr: '::/0' }])
    await harness.network.applyVpc({
      ...plan,
      ipv6Cidrs: ['2001:db8:1::/56'],
      subnets: plan.subnets.map((subnet, at) => ({ ...subnet, ipv6Cidr: `2001:db8:1:${at}::/64` })),
      securityGroups: [
        { id: 'sg-1', ingress: [{ protocol: '-1', cidr: '::/0' }], egress: [{ protocol: '-1', cidr: '::/0' }] },
      ],
    })
    const [d, e] = [six(30), six(31)]
    await harness.network.attach(d)
    await harness.network.attach(e)
    await inTask(d, 'ip', 'address', 'add', '2001:db8:1::99/128', 'dev', 'lo')
    const ping = (...more: string[]): Promise<{ exitCode: number }> =>
      runToEnd('nsenter', [`--net=${path(d.id)}`, 'busybox', 'ping', '-c1', '-W1', ...more, e.ipv6Address ?? ''])
    expect((await ping()).exitCode).toBe(0)
    expect((await ping('-I', '2001:db8:1::99')).exitCode).toBe(1)
  })

  it("asks for metadata under nobody else's address", async () => {
    expect(await reaches(a, METADATA_ADDRESS)).toBe(true)
    await inTask(a, 'ip', 'address', 'add', `${b.privateIp}/32`, 'dev', 'lo')
    await inTask(a, 'ip', 'route', 'replace', 'default', 'via', '10.0.1.1', 'src', b.privateIp)
    expect(await reaches(a, METADATA_ADDRESS)).toBe(false)
    await inTask(a, 'ip', 'route', 'replace', 'default', 'via', '10.0.1.1', 'src', a.privateIp)
    expect(await reaches(a, METADATA_ADDRESS)).toBe(true)
  })

  it('sends from no other MAC address', async () => {
    await inTask(a, 'ip', 'link', 'set', 'eth0', 'address', b.mac)
    expect(await reaches(a, c.privateIp)).toBe(false)
  })

  it("takes nobody's packets by announcing his address", async () => {
    await inTask(a, 'ip', 'address', 'add', `${b.privateIp}/32`, 'dev', 'eth0')
    await runToEnd('nsenter', [`--net=${path(a.id)}`, 'busybox', 'arping', '-U', '-c2', '-I', 'eth0', b.privateIp])
    children.push(
      spawn('nsenter', [`--net=${path(a.id)}`, 'busybox', 'nc', '-ll', '-p', '8000', '-e', 'true'], {
        stdio: 'ignore',
      }),
    )
    await expect.poll(() => reaches(c, a.privateIp, 8000), { timeout: 5000 }).toBe(true)
    expect(await reaches(c, b.privateIp, 8000)).toBe(false)
    expect(await reaches(c, b.privateIp)).toBe(true)
  })

  it('finds no service of the host, under any of its addresses', async () => {
    const server = createServer((socket) => socket.end())
    await new Promise<void>((done) => server.listen(5555, '0.0.0.0', done))
    const transit = /169\.254\.\d+\.\d+/.exec(await run('ip', ['-4', 'address', 'show']))?.[0] ?? ''
    expect(await harness.reaches({ from: 'host', to: transit, protocol: 'tcp', port: 5555 })).toBe(true)
    const addresses = ['203.0.113.2', transit, '127.0.0.1', '10.0.1.1']
    expect(await Promise.all(addresses.map((address) => reaches(a, address, 5555)))).toEqual(addresses.map(() => false))
    expect(await reaches(a, INTERNET)).toBe(true)
    server.close()
  })

  it('does not get out with an address it took', async () => {
    await inTask(a, 'ip', 'address', 'add', '203.0.113.9/32', 'dev', 'lo')
    await inTask(a, 'ip', 'route', 'replace', 'default', 'via', '10.0.1.1', 'src', '203.0.113.9')
    expect(await reaches(a, INTERNET)).toBe(false)
  })
})
