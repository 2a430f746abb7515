// Goal: datagrams that arrive at the host's loopback get to the load balancer, each client's as a flow of its own, and the
// answers back to whom they are for. Method: real sockets, one in a network namespace in the load balancer's place.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SimulatedClock } from '#base/simulated-clock.ts'
import { createNamespace, removeNamespace } from '#linux/network-namespace.ts'
import { type DatagramClient, datagramClient, datagramServer } from '#test/balancer/datagrams.ts'
import { RELAYED_CLIENTS, RELAYED_IDLE_SECONDS, RELAYED_LOOK_SECONDS } from './limits.ts'
import { Relays } from './relays.ts'

const HOST = `127.77.${process.pid % 250}.77`
const DOOR = '127.0.0.1'
const PORT = 5300

let folder: string
let namespacePath: string
let clock: SimulatedClock
let relays: Relays
const closing: (() => Promise<void>)[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'neargate-relays-'))
  namespacePath = join(folder, 'door')
  createNamespace(namespacePath, {})
  execFileSync('nsenter', [`--net=${namespacePath}`, 'ip', 'link', 'set', 'lo', 'up'])
  closing.push(await datagramServer({ namespacePath, address: DOOR, port: PORT }, 'balancer'))
  clock = new SimulatedClock()
  relays = new Relays({ clock })
})
afterEach(async () => {
  relays.close()
  for (const close of closing.splice(0)) await close()
  await removeNamespace(namespacePath)
  rmSync(folder, { recursive: true, force: true })
})

const entry = () => ({ address: HOST, port: PORT, door: { namespacePath, address: DOOR } })
const newClient = async (): Promise<DatagramClient> => {
  const client = await datagramClient({ address: DOOR })
  closing.push(() => client.close())
  return client
}
const seenOf = async (client: DatagramClient): Promise<string | undefined> => (await client.ask(HOST, PORT))?.seen

it('each client is a flow of its own, and is answered by whom it asked', async () => {
  expect(await relays.set([entry()])).toEqual([`${HOST}:${PORT}`])
  const [one, other] = [await newClient(), await newClient()]
  expect(await one.ask(HOST, PORT)).toMatchObject({ from: `${HOST}:${PORT}`, name: 'balancer' })
  const [seen, others] = [await seenOf(one), await seenOf(other)]
  expect(seen).toMatch(`${DOOR}:`)
  expect(others).not.toBe(seen)
  // Told the same again, nothing changes.
  await relays.set([entry()])
  expect(await seenOf(one)).toBe(seen)
})

it('a client that is silent for long is forgotten, and one that is not stays', async () => {
  await relays.set([entry()])
  const [silent, busy] = [await newClient(), await newClient()]
  const before = [await seenOf(silent), await seenOf(busy)]
  await clock.advance(RELAYED_IDLE_SECONDS / 2)
  await seenOf(busy)
  await clock.advance(RELAYED_IDLE_SECONDS / 2 + RELAYED_LOOK_SECONDS)
  expect(await seenOf(busy)).toBe(before[1])
  expect(await seenOf(silent)).not.toBe(before[0])
})

it('there are so many clients at once, and who was silent longest makes room', { timeout: 120_000 }, async () => {
  await relays.set([entry()])
  const [first, second] = [await newClient(), await newClient()]
  const before = await seenOf(second)
  const firstSeen = await seenOf(first)
  for (let index = 0; index < RELAYED_CLIENTS - 1; index++) {
    // Ports are given out again: addresses tell them apart.
    const client = await datagramClient({ address: `127.78.${index >> 8}.${index & 255}` })
    await client.ask(HOST, PORT)
    await client.close()
  }
  expect(await seenOf(first)).toBe(firstSeen)
  expect(await seenOf(second)).not.toBe(before)
})

it('what is not there any more is silent; a load balancer that is gone harms nobody', async () => {
  await relays.set([{ ...entry(), door: { namespacePath: join(folder, 'gone'), address: DOOR } }])
  const client = await newClient()
  expect(await seenOf(client)).toBeUndefined()
  await relays.set([entry()])
  expect(await seenOf(client)).toBeDefined()
  expect(await relays.set([])).toEqual([])
  expect(await seenOf(client)).toBeUndefined()
})

it('a port that another program has is left to it, and taken when it is free', async () => {
  const stop = await datagramServer({ address: HOST, port: PORT }, 'other')
  const client = await newClient()
  expect(await relays.set([entry()])).toEqual([])
  expect((await client.ask(HOST, PORT))?.name).toBe('other')
  await stop()
  await clock.advance(RELAYED_LOOK_SECONDS)
  await expect.poll(async () => (await client.ask(HOST, PORT))?.name, { timeout: 30_000 }).toBe('balancer')
})
