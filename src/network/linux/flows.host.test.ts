// What becomes of flows that are under way, when rules, groups, interfaces and servers change.

import './private-host.ts'
import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { run } from '#base/run.ts'
import type { InterfacePlan, SecurityRule } from '../network.ts'
import { a, b, c, children, eni, harness, open, path, reaches, vpc } from './packet-world.ts'

/** A connection that stays open; asks for one echo and says whether it came. */
const connection = async (from: InterfacePlan, to: InterfacePlan): Promise<() => Promise<boolean>> => {
  expect(await reaches(from, to.privateIp)).toBe(true)
  const child = spawn('nsenter', [`--net=${path(from.id)}`, 'busybox', 'nc', to.privateIp, '80'])
  children.push(child)
  let echoed = ''
  child.stdout.on('data', (bytes: Buffer) => {
    echoed += bytes.toString()
  })
  let count = 0
  return async () => {
    const line = `line ${count++}\n`
    child.stdin.write(line)
    for (let wait = 0; wait < 20 && !echoed.endsWith(line); wait++) await new Promise((done) => setTimeout(done, 50))
    return echoed.endsWith(line)
  }
}

describe('flows', () => {
  const named: SecurityRule = { protocol: 'tcp', fromPort: 80, toPort: 80, cidr: `${a.privateIp}/32` }

  it('go on when they are tracked and their rule goes, and when a new server writes all rules anew', async () => {
    await harness.network.applyVpc(vpc([named]))
    const echo = await connection(a, b)
    expect(await echo()).toBe(true)
    await harness.network.applyVpc(vpc([]))
    expect(await echo()).toBe(true)
    harness.restart()
    await harness.network.applyVpc(vpc([]))
    for (const plan of [a, b, c]) await harness.network.attach(plan)
    expect(await echo()).toBe(true)
    expect(await reaches(a, b.privateIp)).toBe(false)
  })

  it('are cut with their rule when they passed untracked, by a rule for everyone', async () => {
    const echo = await connection(a, b)
    expect(await echo()).toBe(true)
    await harness.network.applyVpc(vpc([open, named]))
    expect(await echo()).toBe(true)
    await harness.network.applyVpc(vpc([{ ...named, cidr: '10.0.1.12/32' }]))
    expect(await echo()).toBe(false)
    await harness.network.applyVpc(vpc([open]))
    expect(await echo()).toBe(true)
  })

  it('are cut by a change of groups when untracked, and only those of that interface', async () => {
    const [echo, other] = [await connection(a, b), await connection(a, c)]
    expect([await echo(), await other()]).toEqual([true, true])
    await harness.network.update({ ...b, securityGroupIds: [] })
    expect([await echo(), await other()]).toEqual([false, true])
  })

  it('are cut by a network ACL, tracked or not', async () => {
    const across = { ...eni(20), subnetId: 'subnet-igw', privateIp: '10.0.2.20' }
    await harness.network.attach(across)
    await harness.network.applyVpc(vpc([named]))
    const echo = await connection(a, across)
    expect(await echo()).toBe(true)
    const plan = vpc([named])
    const subnets = plan.subnets.map((subnet) => ({ ...subnet, networkAclId: 'acl-1' }))
    await harness.network.applyVpc({ ...plan, subnets, networkAcls: [{ id: 'acl-1', entries: [] }] })
    expect(await echo()).toBe(false)
    await harness.network.applyVpc(plan)
    expect(await echo()).toBe(true)
  })

  it('end when their interface is detached, though its namespace lives on', async () => {
    const echo = await connection(a, b)
    expect(await echo()).toBe(true)
    await harness.network.detach(b.id)
    expect(await echo()).toBe(false)
  })

  it('are not inherited by the next interface with the address', async () => {
    await harness.network.applyVpc(vpc([named]))
    const echo = await connection(a, b)
    expect(await echo()).toBe(true)
    const tracked = (): Promise<string> => run('nsenter', [`--net=${path('vpc-a')}`, 'cat', '/proc/net/nf_conntrack'])
    await harness.network.detach(b.id)
    await harness.network.attach({ ...b, id: 'eni-heir', mac: '0a:00:00:00:00:99', securityGroupIds: [] })
    expect(await tracked()).not.toMatch(new RegExp(`dst=${b.privateIp} .*dport=80`))
    await harness.network.detach('eni-heir')
    expect(await connection(a, c).then((other) => other())).toBe(true)
    await harness.network.detach(c.id)
    // Nor after a restart, when nobody remembers whose it was.
    expect(await tracked()).toMatch(new RegExp(`dst=${c.privateIp} `))
    harness.restart()
    await harness.network.applyVpc(vpc([named]))
    expect(await tracked()).not.toMatch(new RegExp(`dst=${c.privateIp} `))
  })

  it('end when their VPC is removed', async () => {
    const echo = await connection(a, b)
    expect(await echo()).toBe(true)
    await harness.network.removeVpc('vpc-a')
    expect(await echo()).toBe(false)
  })
})
