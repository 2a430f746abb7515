// Tasks reach metadata, names and the API inside their VPC, whoever of us dies meanwhile.

import '#network/linux/private-host.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { runToEnd } from '#base/run.ts'
import { containerCgroup, findCgroups, makeTaskCgroup, prepareCgroups, removeCgroup } from '#engine/linux/cgroups.ts'
import { inProcessKernel } from '#linux/network-kernel-in-process.ts'
import { API_ADDRESS, METADATA_ADDRESS, RESOLVER_ADDRESS } from '#network/addresses.ts'
import { LinuxNetwork } from '#network/linux/linux-network.ts'
import type { InterfacePlan, VpcPlan } from '#network/network.ts'
import { socketPath, type EdgeState, type EdgeVpc } from './contract.ts'
import { EdgeClient } from './edge-client.ts'

const runDir = mkdtempSync(join(tmpdir(), 'ng-edge-'))
const instance = `e${process.pid}`
const network = new LinuxNetwork({ instance, runDir, kernel: inProcessKernel, egress: false })
const clientFile = fileURLToPath(new URL('./edge-client.ts', import.meta.url))

const vpcPlan = (id: string): VpcPlan => ({
  id,
  cidrs: ['10.0.0.0/16'],
  subnets: [{ id: 'subnet-1', cidr: '10.0.1.0/24', routes: [] }],
  securityGroups: [{ id: 'sg-mute', ingress: [], egress: [] }],
})
const eni = (vpcId: string): InterfacePlan => ({
  id: `eni-${vpcId}`,
  vpcId,
  subnetId: 'subnet-1',
  privateIp: '10.0.1.10',
  mac: '0a:00:00:00:00:0a',
  securityGroupIds: ['sg-mute'],
})
const namespace = (id: string): string => join(runDir, 'netns', id)

let api: Server
let apiPort: number
const edgeVpc = (id: string): EdgeVpc => ({
  id,
  namespacePath: namespace(id),
  region: 'eu-west-1',
  cidrs: ['10.0.0.0/16'],
  metadataAddress: METADATA_ADDRESS,
  resolverAddresses: ['10.0.0.2', RESOLVER_ADDRESS],
  apiAddress: API_ADDRESS,
  apiPort,
  dns: true,
  privateZones: [],
  records: { 'who.local': [id === 'vpc-a' ? '10.0.1.1' : '10.0.1.2'] },
})
const CONTAINER = `${'0'.repeat(32)}-1234567890`
const document = (name: string) => ({
  task: { Cluster: 'default', TaskARN: 'a task', Family: 'web', Revision: '1', DesiredStatus: 'RUNNING' },
  taskTags: {},
  containers: [{ id: CONTAINER, name, running: true, body: { DockerId: CONTAINER, Name: name } }],
  networkInterfaceId: `eni-${name}`,
  storageReservedMiB: 20_480,
  taskId: '0'.repeat(32),
})
const state = (): EdgeState => ({
  vpcs: ['vpc-a', 'vpc-b'].map(edgeVpc),
  interfaces: ['vpc-a', 'vpc-b'].map((vpcId) => ({ vpcId, privateIp: '10.0.1.10', metadata: document(vpcId) })),
})
const opened = (given = state()): EdgeClient =>
  new EdgeClient({ runDir, instance, clock: systemClock, log: silentLog, egress: false }, given)

const fromTask = async (vpcId: string, ...command: string[]): Promise<string> => {
  const { stdout } = await runToEnd('nsenter', [`--net=${namespace(`eni-${vpcId}`)}`, ...command])
  return stdout
}
const asked = (vpcId: string, path: string): Promise<string> =>
  fromTask(vpcId, 'curl', '-s', '-m', '2', '--noproxy', '*', `http://${METADATA_ADDRESS}/v4/${CONTAINER}${path}`)
/** The name in the metadata that a task sees of itself; what it is told instead when there is none. */
const metadata = async (vpcId: string): Promise<string> => {
  const answer = await asked(vpcId, '')
  return /"Name":"([^"]+)"/.exec(answer)?.[1] ?? answer
}
const lookedUp = async (vpcId: string, name: string, server: string): Promise<string | undefined> =>
  /Address: (10\.0\.\S+|169\.\S+)\s*$/m.exec(await fromTask(vpcId, 'busybox', 'nslookup', '-type=a', name, server))?.[1]

/** The process that listens on the control socket. */
const edgePid = async (): Promise<number> => {
  const { stdout } = await runToEnd('ss', ['-xlpH', 'src', socketPath(runDir)])
  return Number(/pid=(\d+)/.exec(stdout)?.[1])
}

beforeAll(async () => {
  api = createServer((socket) => socket.end('the API\n'))
  await new Promise<void>((done) => api.listen(0, '127.0.0.1', done))
  apiPort = (api.address() as AddressInfo).port
  for (const id of ['vpc-a', 'vpc-b']) {
    await network.applyVpc(vpcPlan(id))
    await network.attach(eni(id))
  }
})
afterAll(async () => {
  const client = opened()
  await client.shutDown()
  api.close()
  await network.destroy()
  rmSync(runDir, { recursive: true })
})

describe('the edge', () => {
  it('knows who asks by VPC and address, though groups allow nothing and addresses are the same', async () => {
    const client = opened()
    await client.connect()
    expect([await metadata('vpc-a'), await metadata('vpc-b')]).toEqual(['vpc-a', 'vpc-b'])
    client.close()
  })

  it('listens where only its own user may speak', async () => {
    const client = opened()
    await client.connect()
    expect(statSync(socketPath(runDir)).mode & 0o777).toBe(0o600)
    client.close()
  })

  it.each(['10.0.0.2', RESOLVER_ADDRESS])('answers names at %s, each VPC its own', async (server) => {
    const client = opened()
    await client.connect()
    expect(await lookedUp('vpc-a', 'who.local', server)).toBe('10.0.1.1')
    expect(await lookedUp('vpc-b', 'who.local', server)).toBe('10.0.1.2')
    expect(await lookedUp('vpc-a', 'ip-10-0-1-23.eu-west-1.compute.internal', server)).toBe('10.0.1.23')
    expect(await lookedUp('vpc-a', 'ecs.aws.neargate.internal', server)).toBe(API_ADDRESS)
    client.close()
  })

  it('follows a change of names without closing a socket', async () => {
    const client = opened()
    await client.connect()
    await client.setVpc({ ...edgeVpc('vpc-a'), records: { 'who.local': ['10.0.1.77'] } })
    expect(await lookedUp('vpc-a', 'who.local', RESOLVER_ADDRESS)).toBe('10.0.1.77')
    await client.replaceAll(state())
    expect(await lookedUp('vpc-a', 'who.local', RESOLVER_ADDRESS)).toBe('10.0.1.1')
    client.close()
  })

  it('carries tasks to the API', async () => {
    const client = opened()
    await client.connect()
    expect(await fromTask('vpc-b', 'busybox', 'nc', '-w', '2', API_ADDRESS, '4566')).toBe('the API\n')
    client.close()
  })

  it('tells a task without a document nothing', async () => {
    const client = opened()
    await client.connect()
    await client.removeInterface('vpc-a', '10.0.1.10')
    expect(await metadata('vpc-a')).toContain('handler')
    expect(await metadata('vpc-b')).toBe('vpc-b')
    await client.setInterface({ vpcId: 'vpc-a', privateIp: '10.0.1.10', metadata: document('again') })
    expect(await metadata('vpc-a')).toBe('again')
    await client.replaceAll(state())
    client.close()
  })

  it('goes on when its client is killed, and takes the next one', async () => {
    const script = join(runDir, 'client.ts')
    writeFileSync(
      script,
      `import { EdgeClient } from ${JSON.stringify(clientFile)}
       const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000))
       const log = { info() {}, warn() {}, bug() {} }
       const clock = { now: () => new Date(), sleep }
       const state = ${JSON.stringify({ ...state(), interfaces: [{ vpcId: 'vpc-a', privateIp: '10.0.1.10', metadata: document('killed') }] })}
       await new EdgeClient({ runDir: ${JSON.stringify(runDir)}, instance: ${JSON.stringify(instance)}, clock, log, egress: false }, state).connect()
       process.stdout.write('connected')
       setInterval(() => {}, 1000)`,
    )
    const before = await edgePid()
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await metadata('vpc-a')).toBe('killed')
    expect(await lookedUp('vpc-b', 'who.local', RESOLVER_ADDRESS)).toBe('10.0.1.2')
    const client = opened()
    await client.connect()
    expect(await metadata('vpc-a')).toBe('vpc-a')
    expect(await edgePid()).toBe(before)
    client.close()
  })

  it('is started again with all it knew when it is killed itself', async () => {
    const client = opened()
    await client.connect()
    const before = await edgePid()
    process.kill(before, 'SIGKILL')
    await expect.poll(() => metadata('vpc-a'), { timeout: 15_000 }).toBe('vpc-a')
    expect(await edgePid()).not.toBe(before)
    expect(await metadata('vpc-b')).toBe('vpc-b')
    client.close()
  })

  it('keeps what a client that starts anew has not told yet, and drops it when told that this is all', async () => {
    const before = opened()
    await before.replaceAll(state())
    before.close()
    const client = opened({ vpcs: [], interfaces: [] })
    await client.setVpc(edgeVpc('vpc-a'))
    expect([await metadata('vpc-a'), await metadata('vpc-b')]).toEqual(['vpc-a', 'vpc-b'])
    await client.replaceAll({ vpcs: [edgeVpc('vpc-a')], interfaces: [] })
    expect(await metadata('vpc-a')).toContain('handler')
    expect(await metadata('vpc-b')).toBe('')
    await client.replaceAll(state())
    client.close()
  })

  it('reads what a container uses and what passed its interface, with no engine there', async () => {
    const layout = findCgroups(instance)
    prepareCgroups(layout)
    const [taskId] = CONTAINER.split('-')
    makeTaskCgroup(layout, taskId ?? '', { cpuMillis: 250, memoryMiB: 64 })
    const child = spawn('sleep', ['60'], { stdio: 'ignore' })
    for (const hierarchy of layout.hierarchies.values()) {
      const leaf = join(hierarchy, containerCgroup(layout, taskId ?? '', CONTAINER))
      mkdirSync(leaf, { recursive: true })
      if (!hierarchy.includes('cpuset')) writeFileSync(join(leaf, 'cgroup.procs'), String(child.pid))
    }
    const client = opened()
    await client.replaceAll(state())
    const stats = JSON.parse(await asked('vpc-a', '/stats')) as {
      memory_stats: { limit: number }
      pids_stats: { current: number }
      networks: Record<string, { tx_packets: number }>
    }
    expect(stats.memory_stats.limit).toBe(64 * 1024 * 1024)
    expect(stats.pids_stats.current).toBe(1)
    expect(Object.values(stats.networks)[0]?.tx_packets).toBeGreaterThan(2)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(removeCgroup(layout, layout.root)).toBe(true)
    client.close()
  })

  it('names a VPC that it cannot serve, and serves the others', async () => {
    const client = opened()
    const broken = { ...edgeVpc('vpc-gone'), namespacePath: join(runDir, 'netns', 'vpc-gone') }
    const all = state()
    await expect(client.replaceAll({ ...all, vpcs: [broken, ...all.vpcs] })).rejects.toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('vpc-gone'),
    })
    expect(await metadata('vpc-b')).toBe('vpc-b')
    await client.replaceAll(all)
    client.close()
  })

  it('leaves nothing in a VPC that is removed', async () => {
    const client = opened()
    await client.connect()
    await client.removeVpc('vpc-b')
    const sockets = await runToEnd('nsenter', [`--net=${namespace('vpc-b')}`, 'ss', '-Htuln'])
    expect(sockets.stdout).toBe('')
    await client.replaceAll(state())
    client.close()
  })

  it('refuses one task more connections than it may hold, and no other', async () => {
    const client = opened()
    await client.connect()
    const hold = `for i in $(seq 80); do busybox nc ${METADATA_ADDRESS} 80 < <(sleep 3) & done`
    const count = 'ss -Htn state established dport = :80 | wc -l'
    expect(Number(await fromTask('vpc-a', 'bash', '-c', `${hold} >/dev/null; sleep 1; ${count}; wait`))).toBe(64)
    expect(await metadata('vpc-b')).toBe('vpc-b')
    expect(readFileSync(join(runDir, 'edge.log'), 'utf8')).not.toContain('"level":"bug"')
    client.close()
  })
})
