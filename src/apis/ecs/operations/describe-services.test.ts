// DescribeServices as a caller sees it: which services there are, and what happened to them.

import { beforeEach, describe, expect, it } from 'vitest'
import { serviceByArn, serviceEvents, services } from '../tables.ts'
import { ECS, type EcsWorld, ecsWorld, WEB_SERVICE } from '#test/ecs-world.ts'
import { refusal } from '#test/refusal.ts'

let world: EcsWorld
const ask: EcsWorld['ask'] = (name, input) => world.ask(name, input)
const invalid = (message: string) => refusal('InvalidParameterException', message)

beforeEach(async () => {
  world = await ecsWorld()
})

const created = async (more: object = {}) =>
  (await ask('CreateService', { ...WEB_SERVICE, desiredCount: 2, ...more })).service!

describe('DescribeServices', () => {
  it('finds services by name and by ARN, each once, and says which are missing', async () => {
    const { serviceArn = '' } = await created()
    const { services, failures } = await ask('DescribeServices', { services: ['web', serviceArn, 'web', 'none'] })
    expect(services!.map(({ serviceName }) => serviceName)).toEqual(['web', 'web'])
    expect(failures).toEqual([{ arn: `${ECS}:service/default/none`, reason: 'MISSING' }])
  })

  it('shows tags only where they are asked for', async () => {
    const tags = [{ key: 'team', value: 'a' }]
    await created({ tags })
    expect((await ask('DescribeServices', { services: ['web'] })).services![0]!.tags).toBeUndefined()
    expect((await ask('DescribeServices', { services: ['web'], include: ['TAGS'] })).services![0]!.tags).toEqual(tags)
  })

  it('shows the newest hundred events, the newest first', async () => {
    const { serviceArn = '' } = await created()
    const { store } = world.call
    await store.write(async (tx) => {
      const service = (await serviceByArn(tx, serviceArn as never))!
      for (let number = 1; number <= 120; number++) {
        const id = `id-${number}`
        await tx.put(serviceEvents, {
          serviceArn: service.arn,
          number,
          id,
          createdAt: '2026-01-01T00:00:00.000Z',
          message: `event ${number}`,
        })
      }
      await tx.put(services, { ...service, status: { ...service.status, lastEvent: 120 } })
    })
    const events = (await ask('DescribeServices', { services: ['web'] })).services![0]!.events!
    expect(events).toHaveLength(100)
    expect(events[0]).toEqual({ id: 'id-120', createdAt: new Date('2026-01-01T00:00:00Z'), message: 'event 120' })
    expect(events.at(-1)!.message).toBe('event 21')
  })

  it.each([
    [[], 'Services cannot be empty.'],
    [Array.from({ length: 11 }, (_, i) => `s${i}`), 'Services can have at most 10 items.'],
    [[`${ECS}:service/other/web`], 'Invalid identifier: Identifier is for cluster other. Your cluster is default'],
  ])('refuses %j', async (named, message) => {
    await expect(ask('DescribeServices', { services: named })).rejects.toEqual(invalid(message))
  })
})
