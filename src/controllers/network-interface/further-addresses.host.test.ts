// Further addresses that a user gives a running task's interface, with real packets.

import '#network/linux/private-host.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '#base/clock.ts'
import { taskArn } from '#aws/arn.ts'
import { testCall } from '#test/call.ts'
import { vpcWorld } from '#test/vpc-world.ts'

const PATIENCE = { timeout: 20_000 }

const { settings, scope } = testCall()
const world = vpcWorld('further', { clock: systemClock, settings: { ...settings, mode: 'extended' } })
const { ask } = world

beforeAll(() => world.start())
afterAll(() => world.close())

it('a task answers under an address it was given, by its own groups, until it is taken away', async () => {
  const { vpcId, subnetId } = await world.vpc()
  const [server, client] = [await world.group(vpcId, 'server', [80]), await world.group(vpcId, 'client')]
  const ownerArn = taskArn(scope, 'default', '0123456789abcdef0123456789abcdef')
  const [a, b] = [await world.attached(subnetId, [client]), await world.attached(subnetId, [server], { ownerArn })]
  const given = '10.0.1.200'
  /** Refused by the task itself where its groups let the packet in, silent where they do not. */
  const answer = async (port: number): Promise<string> =>
    world.inside(
      a,
      'bash',
      '-c',
      `timeout 2 bash -c 'exec 3<>/dev/tcp/${given}/${port}' 2>&1 | grep -m 1 -o refused | head -n 1`,
    )
  expect(await answer(80)).toBe('')
  await ask('AssignPrivateIpAddresses', { NetworkInterfaceId: b.id, PrivateIpAddresses: [given] })
  await expect.poll(() => answer(80), PATIENCE).toBe('refused\n')
  expect(await answer(81)).toBe('')
  expect(await world.inside(b, 'ip', '-4', '-o', 'address', 'show', 'dev', 'eth0')).toContain(`${given}/32`)

  await ask('UnassignPrivateIpAddresses', { NetworkInterfaceId: b.id, PrivateIpAddresses: [given] })
  await expect.poll(() => answer(80), PATIENCE).toBe('')
  await expect
    .poll(() => world.inside(b, 'ip', '-4', '-o', 'address', 'show', 'dev', 'eth0'), PATIENCE)
    .not.toContain(given)
})
