// What every network kernel promises, shown with real namespaces: both ways to the kernel keep the same contract.

import { existsSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '#base/run.ts'
import { chosenNetworkKernel } from './network-kernel-probe.ts'
import { inProcessKernel } from './network-kernel-in-process.ts'
import { spawningKernel } from './network-kernel-spawning.ts'
import type { NamespaceHandle } from './network-kernel.ts'
import { isAvailable } from './nftables.ts'

for (const kernel of [inProcessKernel, spawningKernel]) {
  describe(`network kernel, ${kernel.kind}`, () => {
    let directory: string
    const handles: NamespaceHandle[] = []
    const path = (name: string): string => join(directory, name)
    const made = async (name: string, settings: Readonly<Record<string, string>> = {}): Promise<NamespaceHandle> => {
      await kernel.createNamespace(path(name), settings)
      const handle = await kernel.open(path(name))
      handles.push(handle)
      return handle
    }
    const ip = (name: string, ...args: string[]): Promise<string> =>
      run('nsenter', [`--net=${path(name)}`, 'ip', ...args])

    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'ng-kernel-'))
    })
    afterEach(async () => {
      for (const handle of handles.splice(0)) handle.close()
      for (const name of ['a', 'b']) await kernel.removeNamespace(path(name))
      rmSync(directory, { recursive: true })
    })

    it('makes a namespace with its settings, once, and stays where it is', async () => {
      const before = readlinkSync('/proc/self/ns/net')
      expect(await kernel.createNamespace(path('a'), { 'ipv4/ip_forward': '1' })).toBe(true)
      expect(await kernel.createNamespace(path('a'), {})).toBe(false)
      const handle = await made('a')
      expect(await handle.get('ipv4/ip_forward')).toBe('1')
      expect(readlinkSync('/proc/self/ns/net')).toBe(before)
    })

    it('pins to a file that a crash left empty', async () => {
      await run('touch', [path('a')])
      await expect(kernel.open(path('a'))).rejects.toMatchObject({ kind: 'not-found' })
      expect(await kernel.createNamespace(path('a'), {})).toBe(true)
    })

    it('removes a namespace and its file, also twice', async () => {
      await kernel.createNamespace(path('a'), {})
      await kernel.removeNamespace(path('a'))
      await kernel.removeNamespace(path('a'))
      expect(existsSync(path('a'))).toBe(false)
      await expect(kernel.open(path('a'))).rejects.toMatchObject({ kind: 'not-found' })
    })

    it('joins two namespaces so that packets flow, and may be told so twice', async () => {
      const [a, b] = [await made('a'), await made('b')]
      const peer = { name: 'eth0', namespacePath: path('b'), mac: '0a:00:00:00:00:02' }
      await a.change([{ do: 'add-veth', name: 'near', mac: '0a:00:00:00:00:01', peer, mtuBytes: 1400 }])
      for (let time = 0; time < 2; time++) {
        await a.change([
          { do: 'add-address', name: 'near', prefix: { address: '10.0.0.1', length: 24 } },
          { do: 'set-up', name: 'near' },
          { do: 'add-neighbour', address: '10.0.0.2', name: 'near', mac: '0a:00:00:00:00:02' },
          { do: 'add-blackhole', to: { address: '10.9.0.0', length: 16 } },
        ])
        await b.change([
          { do: 'add-address', name: 'eth0', prefix: { address: '10.0.0.2', length: 24 } },
          { do: 'set-up', name: 'eth0' },
          { do: 'add-route', to: { address: '0.0.0.0', length: 0 }, name: 'eth0', via: '10.0.0.1' },
        ])
      }
      await run('nsenter', [`--net=${path('b')}`, 'busybox', 'ping', '-c', '2', '-W', '1', '10.0.0.1'])
      const counters = await b.linkCounters('eth0')
      expect(counters?.receivedPackets).toBeGreaterThanOrEqual(2)
      expect(counters?.sentBytes).toBeGreaterThanOrEqual(2 * 98)
      expect(await b.defaultRouteLinks()).toEqual(['eth0'])
      expect(await b.addresses()).toContainEqual({ name: 'eth0', address: '10.0.0.2', length: 24 })
      expect(await a.linkNames()).toEqual(expect.arrayContaining(['lo', 'near']))
      expect(await a.blackholes()).toEqual([{ address: '10.9.0.0', length: 16 }])
      expect(await b.blackholes()).toEqual([])
      expect(await ip('a', 'neighbour', 'show')).toMatch(/10\.0\.0\.2 dev near lladdr 0a:00:00:00:00:02 PERMANENT/)
      expect(await ip('a', 'route', 'show')).toMatch(/blackhole 10\.9\.0\.0\/16/)
      expect(await ip('b', 'link', 'show', 'eth0')).toMatch(/mtu 1400[\s\S]*0a:00:00:00:00:02/)
    })

    it('gives an address with its prefix and without a route to the rest of it', async () => {
      const a = await made('a')
      await made('b')
      const peer = { name: 'eth0', namespacePath: path('b') }
      const prefix = { address: '10.0.0.9', length: 24 }
      await a.change([{ do: 'add-veth', name: 'near', peer, mtuBytes: 1500 }])
      for (let time = 0; time < 2; time++) {
        await a.change([
          { do: 'add-address', name: 'near', prefix, isAlone: true },
          { do: 'set-up', name: 'near' },
          { do: 'add-address', name: 'near', prefix: { address: 'fd00::9', length: 64 }, isAlone: true },
          { do: 'add-route', to: { address: '10.0.0.1', length: 32 }, name: 'near' },
          { do: 'add-route', to: { address: '0.0.0.0', length: 0 }, name: 'near', via: '10.0.0.1' },
          { do: 'add-route', to: { address: '::', length: 0 }, name: 'near', via: 'fe80::1' },
        ])
      }
      expect(await a.addresses()).toContainEqual({ name: 'near', ...prefix })
      expect(await ip('a', 'route', 'show')).not.toMatch(/10\.0\.0\.0\/24/)
      expect(await ip('a', '-6', 'route', 'show')).not.toMatch(/fd00::\/64/)
      expect(await ip('a', '-6', 'address', 'show')).toMatch(/fd00::9\/64(?!.*tentative)/)
      expect([await a.defaultRouteLinks(), await a.defaultRouteLinks('ip6')]).toEqual([['near'], ['near']])
    })

    it('leads packets with a mark by a table of their own', async () => {
      const a = await made('a')
      await made('b')
      const everywhere = { address: '0.0.0.0', length: 0 }
      await a.change([
        { do: 'add-veth', name: 'near', peer: { name: 'eth0', namespacePath: path('b') }, mtuBytes: 1500 },
      ])
      for (let time = 0; time < 2; time++) {
        await a.change([
          { do: 'set-up', name: 'near' },
          { do: 'delete-route', to: everywhere, table: 4097 },
          { do: 'add-rule', mark: 4097, table: 4097 },
          { do: 'add-route', to: { address: '10.0.0.9', length: 32 }, name: 'near' },
          { do: 'add-route', to: everywhere, name: 'near', via: '10.0.0.9', table: 4097 },
        ])
      }
      expect((await ip('a', 'rule', 'show')).match(/fwmark 0x1001 lookup 4097/g)).toHaveLength(1)
      expect(await ip('a', 'route', 'get', '192.0.2.1', 'mark', '4097')).toMatch(/via 10\.0\.0\.9 dev near table 4097/)
      expect(await a.defaultRouteLinks()).toEqual([])
      for (let time = 0; time < 2; time++) await a.change([{ do: 'delete-route', to: everywhere, table: 4097 }])
      await expect(ip('a', 'route', 'get', '192.0.2.1', 'mark', '4097')).rejects.toThrow(/unreachable/)
    })

    it('deletes links, addresses and routes, and what is gone without a word', async () => {
      const a = await made('a')
      await made('b')
      const peer = { name: 'eth0', namespacePath: path('b') }
      await a.change([
        { do: 'add-veth', name: 'near', peer, mtuBytes: 1500 },
        { do: 'add-address', name: 'near', prefix: { address: '10.0.0.1', length: 32 } },
        { do: 'add-route', to: { address: '10.0.0.9', length: 32 }, name: 'near' },
        { do: 'add-blackhole', to: { address: '10.9.0.0', length: 16 } },
      ])
      for (let time = 0; time < 2; time++) {
        await a.change([
          { do: 'delete-address', name: 'near', prefix: { address: '10.0.0.1', length: 32 } },
          { do: 'delete-route', to: { address: '10.0.0.9', length: 32 } },
          { do: 'delete-route', to: { address: '10.9.0.0', length: 16 } },
        ])
      }
      expect(await ip('a', 'route', 'show')).toBe('')
      expect(await a.addresses()).toEqual([])
      for (let time = 0; time < 2; time++) await a.change([{ do: 'delete-link', name: 'near' }])
      expect(await a.linkNames()).not.toContain('near')
    })

    it('names an unknown link', async () => {
      const a = await made('a')
      await expect(a.change([{ do: 'set-up', name: 'nowhere' }])).rejects.toMatchObject({ kind: 'not-found' })
      expect(await a.linkCounters('nowhere')).toBeUndefined()
      await expect(a.set({ 'ipv4/conf/nowhere/forwarding': '1' })).rejects.toMatchObject({ kind: 'not-found' })
    })

    it('runs a filter as one transaction in its own namespace', async () => {
      const [a, b] = [await made('a'), await made('b')]
      await a.filter('add table ip t\nadd set ip t s { type ipv4_addr; }\nadd element ip t s { 10.0.0.1 }')
      expect(await a.filter('list set ip t s')).toMatch(/10\.0\.0\.1/)
      expect(await b.filter('list ruleset')).toBe('')
      await expect(a.filter('add table ip half\nadd rule ip t nowhere accept')).rejects.toMatchObject({
        kind: 'failed',
      })
      expect(await a.filter('list ruleset')).not.toMatch(/half/)
    })

    it('changes the elements of sets all at once or not at all', async () => {
      const a = await made('a')
      const sets = [
        'add table inet t',
        'add chain inet t there',
        'add set inet t bound { type ifname . ether_addr . ipv4_addr; }',
        'add set inet t six { type ifname . ether_addr . ipv6_addr; }',
        'add map inet t ways { type ipv4_addr : verdict; }',
        'add map inet t names { type ipv6_addr : ipv6_addr; }',
      ]
      await a.filter(sets.join('\n'))
      const bound = { do: 'add', set: 'bound', key: '"eth0" . 0a:00:00:00:00:01 . 10.0.0.1' } as const
      const way = { do: 'add', set: 'ways', key: '10.0.0.1', value: 'goto there' } as const
      const many = Array.from({ length: 1000 }, (_, number) => {
        return { ...way, key: `10.1.${number >> 8}.${number % 256}` }
      })
      await a.changeElements('inet t', [
        bound,
        { do: 'add', set: 'six', key: '"e0123456789abcd" . 0a:00:00:00:00:02 . fd00::1' },
        way,
        ...many,
        { do: 'add', set: 'names', key: 'fd00::1', value: 'fd00::2' },
      ])
      const listed = await a.filter('list table inet t')
      expect(listed).toMatch(/"eth0" \. 0a:00:00:00:00:01 \. 10\.0\.0\.1/)
      expect(listed).toMatch(/"e0123456789abcd" \. 0a:00:00:00:00:02 \. fd00::1/)
      expect(listed).toMatch(/fd00::1 : fd00::2/)
      expect(listed.match(/: goto there/g)).toHaveLength(1001)
      const gone = { do: 'delete', set: 'ways', key: '10.9.9.9' } as const
      await expect(a.changeElements('inet t', [{ ...bound, do: 'delete' }, gone])).rejects.toMatchObject({
        kind: 'not-found',
      })
      expect(await a.filter('list set inet t bound')).toMatch(/10\.0\.0\.1/)
      await a.changeElements('inet t', [
        { ...bound, do: 'delete' },
        ...many.map((one) => ({ ...one, do: 'delete' }) as const),
      ])
      const left = await a.filter('list table inet t')
      expect(left).not.toMatch(/"eth0"/)
      expect(left.match(/: goto there/g)).toHaveLength(1)
    })

    it('reads what the elements of a set have counted, whatever the family', async () => {
      const handle = await made('a')
      await handle.change([{ do: 'set-up', name: 'lo' }])
      const key = (family: string): string => `${family} . ${family} . inet_proto . inet_service . inet_service`
      await handle.filter(
        [
          'add table inet t',
          `add set inet t flows4 { type ${key('ipv4_addr')}; size 16; flags dynamic; counter; }`,
          `add set inet t flows6 { type ${key('ipv6_addr')}; size 16; flags dynamic; counter; }`,
          'add set inet t plain { type ipv4_addr; size 16; flags dynamic; }',
          'add chain inet t c { type filter hook output priority 0; }',
          'add rule inet t c meta nfproto ipv4 update @plain { ip saddr }',
          'add rule inet t c update @flows4 { ip saddr . ip daddr . meta l4proto . udp sport . udp dport }',
          'add rule inet t c update @flows6 { ip6 saddr . ip6 daddr . meta l4proto . udp sport . udp dport }',
        ].join('\n'),
      )
      const send = (to: string): Promise<string> =>
        run('nsenter', [
          `--net=${path('a')}`,
          'bash',
          '-c',
          `exec 3>/dev/udp/${to}/99; printf hello >&3; printf hello >&3 || true`,
        ])
      await send('127.0.0.1')
      await send('::1')
      const fields = ['address', 'address', 'protocol', 'port', 'port'] as const
      // What is refused is told by ICMP, which the sets of ports do not match.
      expect(await handle.countedElements('inet t', 'flows4', fields)).toEqual([
        {
          key: ['127.0.0.1', '127.0.0.1', '17', expect.stringMatching(/^\d+$/), '99'],
          packets: expect.any(Number),
          bytes: expect.any(Number),
        },
      ])
      const [six] = await handle.countedElements('inet t', 'flows6', fields)
      expect(six?.key.slice(2)).toEqual(['17', expect.stringMatching(/^\d+$/), '99'])
      expect(six!.bytes / six!.packets).toBe(53)
      expect(await handle.countedElements('inet t', 'plain', ['address'])).toEqual([
        { key: ['127.0.0.1'], packets: 0, bytes: 0 },
      ])
    })

    it('forgets the connections of an address, and of no other', async () => {
      const [a] = [await made('a'), await made('b')]
      const peer = { name: 'eth0', namespacePath: path('b') }
      const b = await kernel.open(path('b'))
      handles.push(b)
      await a.filter(
        'add table ip t\nadd chain ip t in { type filter hook input priority 0; }\nadd rule ip t in ct state new accept',
      )
      await a.change([
        { do: 'add-veth', name: 'near', peer, mtuBytes: 1500 },
        { do: 'add-address', name: 'near', prefix: { address: '10.0.0.1', length: 24 } },
      ])
      for (const address of ['10.0.0.2', '10.0.0.3'])
        await b.change([{ do: 'add-address', name: 'eth0', prefix: { address, length: 24 } }])
      await b.change([{ do: 'set-up', name: 'eth0' }])
      for (const from of ['10.0.0.2', '10.0.0.3'])
        await run('nsenter', [`--net=${path('b')}`, 'busybox', 'ping', '-c1', '-W1', '-I', from, '10.0.0.1'])
      const tracked = (): Promise<string> => run('nsenter', [`--net=${path('a')}`, 'cat', '/proc/net/nf_conntrack'])
      expect(await tracked()).toMatch(/src=10\.0\.0\.2/)
      const ICMP = 1
      expect(await a.connections()).toContainEqual({
        protocol: ICMP,
        original: { source: '10.0.0.2', sourcePort: 0, destination: '10.0.0.1', destinationPort: 0 },
        reply: { source: '10.0.0.1', sourcePort: 0, destination: '10.0.0.2', destinationPort: 0 },
      })
      await a.forgetConnections(({ original }) => original.source === '10.0.0.2')
      expect(await tracked()).not.toMatch(/src=10\.0\.0\.2/)
      expect(await tracked()).toMatch(/src=10\.0\.0\.3/)
    })

    it('opens the namespace it lives in', async () => {
      const own = await kernel.open()
      handles.push(own)
      expect(await own.linkNames()).toContain('lo')
    })
  })
}

describe('the choice of a network kernel', () => {
  it('falls on calls from this process where libnftables is installed', async () => {
    expect((await chosenNetworkKernel()).kind).toBe(isAvailable() ? 'in-process' : 'spawning')
  })
})
