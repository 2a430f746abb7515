// A server killed at any moment leaves nothing that the next one does not put right; and nothing leaks.

import './private-host.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { seededRandom, type Random } from '#base/random.ts'
import { run } from '#base/run.ts'
import { inProcessKernel } from '#linux/network-kernel-in-process.ts'
import type { InterfacePlan, SecurityRule, SubnetPlan, VpcPlan } from '../network.ts'
import { LinuxNetwork } from './linux-network.ts'
import { readBack } from './read-back.ts'

const KILLS = 40
const GROUPS = ['sg-0', 'sg-1', 'sg-2', 'sg-3']

const pick = <T>(random: Random, all: readonly T[]): T => all[Math.floor(random.fraction() * all.length)] as T
const some = <T>(random: Random, all: readonly T[]): T[] => all.filter(() => random.fraction() < 0.5)

const randomRule = (random: Random): SecurityRule => {
  const port = Math.floor(random.fraction() * 60_000) + 1
  const where = pick<Partial<SecurityRule>>(random, [
    { cidr: `10.${port % 256}.0.0/16` },
    { groupId: pick(random, [...GROUPS, 'sg-elsewhere']) },
    { cidrs: ['10.0.0.0/8', '192.0.2.0/24', '10.1.0.0/16'] },
  ])
  return { protocol: pick(random, ['tcp', 'udp'] as const), fromPort: port, toPort: port + 10, ...where }
}

const randomBorder = (random: Random): Pick<SubnetPlan, 'routes' | 'networkAclId'> => ({
  routes: some(random, ['0.0.0.0/0', '192.0.2.0/24', '10.9.1.0/24']).map((destination) => ({
    destination,
    target: pick(random, ['nat-1', 'internet-gateway', 'blackhole'] as const),
  })),
  ...(random.fraction() < 0.3 ? { networkAclId: 'acl-1' } : {}),
})

const randomVpc = (random: Random): VpcPlan => ({
  id: 'vpc-a',
  cidrs: some(random, ['10.9.0.0/16']).concat('10.0.0.0/16').toReversed(),
  subnets: [
    { id: 'subnet-0', cidr: '10.0.0.0/24', ...randomBorder(random) },
    { id: 'subnet-1', cidr: '10.0.1.0/24', ...randomBorder(random) },
  ],
  natGateways: [{ id: 'nat-1', subnetId: 'subnet-1', publicIp: '198.18.0.101' }],
  networkAcls: [
    {
      id: 'acl-1',
      entries: [
        { direction: 'ingress', action: pick(random, ['allow', 'deny'] as const), protocol: '6', cidr: '10.0.0.0/8' },
      ],
    },
  ],
  securityGroups: GROUPS.map((id) => ({
    id,
    ingress: Array.from({ length: Math.floor(random.fraction() * 6) }, () => randomRule(random)),
    egress: Array.from({ length: Math.floor(random.fraction() * 4) }, () => randomRule(random)),
  })),
})

const randomInterface = (random: Random, number: number): InterfacePlan => ({
  id: `eni-${number}`,
  vpcId: 'vpc-a',
  subnetId: `subnet-${number % 2}`,
  privateIp: `10.0.${number % 2}.${10 + number}`,
  mac: `0a:00:00:00:00:${(16 + number).toString(16)}`,
  securityGroupIds: some(random, GROUPS),
  ...(random.fraction() < 0.3 ? { publicIp: `198.18.0.${10 + number}` } : {}),
})

const opened = (runDir: string, instance: string): LinuxNetwork =>
  new LinuxNetwork({ instance, runDir, kernel: inProcessKernel, egress: true })

/** Run-time directories by instance. */
const made = new Map<string, string>()
const directory = (instance: string): string => {
  const path = mkdtempSync(join(tmpdir(), `ng-${instance}-`))
  made.set(instance, path)
  return path
}
afterEach(async () => {
  for (const [instance, path] of made) {
    await opened(path, instance).destroy()
    rmSync(path, { recursive: true })
  }
  made.clear()
})

/** Changes everything all the time, until it is killed. */
const churn = (runDir: string, instance: string, seed: number): string => `
  import { seededRandom } from ${JSON.stringify(fileURLToPath(import.meta.resolve('#base/random.ts')))}
  import { inProcessKernel } from ${JSON.stringify(fileURLToPath(import.meta.resolve('#linux/network-kernel-in-process.ts')))}
  import { LinuxNetwork } from ${JSON.stringify(fileURLToPath(new URL('./linux-network.ts', import.meta.url)))}
  const GROUPS = ${JSON.stringify(GROUPS)}
  const pick = ${String(pick)}
  const some = ${String(some)}
  const randomRule = ${String(randomRule)}
  const randomBorder = ${String(randomBorder)}
  const randomVpc = ${String(randomVpc)}
  const randomInterface = ${String(randomInterface)}
  const random = seededRandom(${seed})
  const network = new LinuxNetwork({ instance: ${JSON.stringify(instance)}, runDir: ${JSON.stringify(runDir)}, kernel: inProcessKernel, egress: true })
  process.stdout.write('go')
  for (;;) {
    await network.applyVpc(randomVpc(random))
    for (let number = 0; number < 6; number++) {
      if (random.fraction() < 0.3) await network.detach('eni-' + number)
      else {
        const plan = randomInterface(random, number)
        await network.attach(plan)
      }
    }
    if (random.fraction() < 0.1) await network.removeVpc('vpc-a')
    // Lets the signal in.
    await new Promise((done) => setImmediate(done))
  }`

describe('after a kill -9', () => {
  it(`at ${KILLS} moments, the packet filter equals the model`, async () => {
    const [instance, other] = [`c${process.pid}`, `f${process.pid}`]
    const [runDir, freshDir] = [directory(instance), directory(other)]
    const fresh = opened(freshDir, other)
    const random = seededRandom(7)
    for (let round = 0; round < KILLS; round++) {
      const script = join(runDir, 'churn.mjs')
      writeFileSync(script, churn(runDir, instance, round))
      const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(child.stdout, 'data')
      await new Promise((done) => setTimeout(done, random.fraction() * 120))
      child.kill('SIGKILL')
      await once(child, 'exit')

      const network = opened(runDir, instance)
      const plan = randomVpc(random)
      const wanted = Array.from({ length: 4 }, (_, number) => randomInterface(random, number))
      await network.applyVpc(plan)
      for (const { id } of (await network.observe()).interfaces) {
        if (!wanted.some((other) => other.id === id)) await network.detach(id)
      }
      await fresh.applyVpc(plan)
      for (const each of wanted) {
        await network.attach(each)
        await fresh.attach(each)
      }
      const [seen, model] = await Promise.all([runDir, freshDir].map((dir) => readBack(join(dir, 'netns', 'vpc-a'))))
      // Each has a transit address of its own.
      const shown = (what: unknown): unknown =>
        JSON.parse(JSON.stringify(what).replaceAll(/169\.254\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.\d+/g, 'transit'))
      expect(shown(seen), `round ${round}`).toEqual(shown(model))
      await fresh.removeVpc('vpc-a')
      network.close()
    }
    for (const [name, path] of made) {
      await opened(path, name).destroy()
      expect(readdirSync(join(path, 'netns'))).toEqual([])
    }
    fresh.close()
    expect(await run('nft', ['list', 'ruleset'])).toBe('')
    expect(await run('ip', ['-brief', 'link', 'show', 'type', 'veth'])).toBe('')
  })
})

describe('200 interfaces that come and go', () => {
  it('leave no descriptor, link, namespace, set element or file', async () => {
    const runDir = directory('leak')
    const network = opened(runDir, 'leak')
    const random = seededRandom(1)
    await network.applyVpc(randomVpc(random))
    const one = randomInterface(random, 0)
    await network.attach(one)
    await network.detach(one.id)
    const counted = async (): Promise<unknown> => ({
      descriptors: readdirSync('/proc/self/fd').length,
      files: readdirSync(runDir, { recursive: true }).length,
      router: await readBack(join(runDir, 'netns', 'vpc-a')),
    })
    const before = await counted()
    for (let round = 0; round < 200; round++) {
      await network.attach({ ...one, id: `eni-${round}`, securityGroupIds: some(random, GROUPS) })
      await network.detach(`eni-${round}`)
    }
    // The kernel reaps links when it likes, and their neighbours with them.
    await expect.poll(counted, { timeout: 20_000, interval: 500 }).toEqual(before)
    const links = (): Promise<string> =>
      run('nsenter', [`--net=${join(runDir, 'netns', 'vpc-a')}`, 'ip', '-brief', 'link', 'show', 'type', 'veth'])
    await expect.poll(async () => /^e/m.test(await links()), { timeout: 20_000 }).toBe(false)
    await network.destroy()
  })
})
