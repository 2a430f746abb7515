import { expect, test } from 'vitest'
import { seededRandom } from '#base/random.ts'
import { memoryStore } from '#store/memory/memory-store.ts'
import type { Store } from '#store/store.ts'
import { freeAddressIn, freePublicAddressIn } from './address-tables.ts'
import { isRefused, plannedInterface } from './model/interface-plan.ts'
import type { NetworkInterfaceRecord, SubnetRecord } from './model/records.ts'
import { networkInterfaces, releasedAddresses } from './tables.ts'

const scope = { partition: 'aws', region: 'eu-west-1', account: '000000000001' }
const subnet: SubnetRecord = {
  id: 'subnet-1',
  scope,
  vpcId: 'vpc-1',
  cidr: '10.0.0.0/28',
  availabilityZone: 'eu-west-1a',
  mapPublicIpOnLaunch: false,
  defaultForAz: false,
  tags: [],
}
const random = seededRandom(7)
const now = new Date('2026-01-01T00:00:00Z')
const inSeconds = (seconds: number): Date => new Date(now.getTime() + seconds * 1000)

const madeIn = (store: Store, publicPool: string, at = now) =>
  store.write(async (tx): Promise<NetworkInterfaceRecord | undefined> => {
    const privateIp = await freeAddressIn(tx, subnet, at, random)
    if (privateIp === undefined) return undefined
    const planned = plannedInterface({
      scope,
      subnet,
      taken: new Set(),
      privateIp,
      publicIp: await freePublicAddressIn(tx, publicPool, at, random),
      securityGroupIds: [],
      assignPublicIp: true,
      description: 'a task',
      now: at,
      random,
    })
    if (isRefused(planned)) return undefined
    await tx.put(networkInterfaces, planned)
    return planned
  })

test('a subnet’s addresses are given once each, until none is left', async () => {
  const store = memoryStore()
  const made: string[] = []
  for (let one = await madeIn(store, '198.19.0.0/24'); one !== undefined; one = await madeIn(store, '198.19.0.0/24')) {
    made.push(one.spec.privateIp)
  }
  const byNumber = made.toSorted((a, b) => Number(a.slice(7)) - Number(b.slice(7)))
  expect(byNumber).toEqual(Array.from({ length: 11 }, (_, index) => `10.0.0.${index + 4}`))
})

test('an address that was given back, private or public, rests for a minute', async () => {
  const store = memoryStore()
  const pool = '198.19.8.0/30'
  const given = [await madeIn(store, pool), await madeIn(store, pool)]
  expect(new Set(given.map((one) => one?.spec.publicIp))).toEqual(new Set(['198.19.8.1', '198.19.8.2']))
  expect(await madeIn(store, pool)).toBeUndefined()
  const [first] = given as [NetworkInterfaceRecord]
  const { privateIp, publicIp = '', subnetId } = first.spec
  await store.write(async (tx) => {
    await tx.delete(networkInterfaces, networkInterfaces.key(first))
    await tx.put(releasedAddresses, { scope, subnetId, privateIp, publicIp, releasedAtMs: now.getTime() })
  })
  expect(await madeIn(store, pool, inSeconds(59))).toBeUndefined()
  expect((await madeIn(store, pool, inSeconds(60)))?.spec.publicIp).toBe(publicIp)
})
