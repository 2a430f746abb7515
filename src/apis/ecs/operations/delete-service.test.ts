// DeleteService and ListServices, and what a service means to its cluster.

import { beforeEach, describe, expect, it } from 'vitest'
import { serviceByArn, services } from '../tables.ts'
import { ECS, type EcsWorld, ecsWorld, IN_A, WEB_SERVICE } from '#test/ecs-world.ts'
import { refusal } from '#test/refusal.ts'

let world: EcsWorld
const ask: EcsWorld['ask'] = (name, input) => world.ask(name, input)
const invalid = (message: string) => refusal('InvalidParameterException', message)

beforeEach(async () => {
  world = await ecsWorld()
})

const web = { ...WEB_SERVICE, desiredCount: 1 } as const
const created = async (more: object = {}) => (await ask('CreateService', { ...web, ...more })).service!
const statusOf = async (service = 'web') =>
  (await ask('DescribeServices', { services: [service] })).services![0]!.status

/** As the service controller does when the last task has gone. */
const drained = async (name = 'web'): Promise<void> =>
  world.call.store.write(async (tx) => {
    const service = (await serviceByArn(tx, `${ECS}:service/default/${name}` as never))!
    await tx.put(services, { ...service, status: { ...service.status, state: 'INACTIVE' } })
  })

describe('DeleteService', () => {
  it('drains a service that is scaled to nothing, and takes it from the list', async () => {
    await created({ desiredCount: 0 })
    const { service } = await ask('DeleteService', { service: 'web' })
    expect(service).toMatchObject({ status: 'DRAINING', desiredCount: 0 })
    expect(await statusOf()).toBe('DRAINING')
    expect(await ask('ListServices', {})).toEqual({ serviceArns: [] })
  })

  it('wants force for a service that is scaled above nothing', async () => {
    await created()
    await expect(ask('DeleteService', { service: 'web' })).rejects.toEqual(
      invalid('The service cannot be stopped while it is scaled above 0.'),
    )
    expect(await statusOf()).toBe('ACTIVE')
    const { service } = await ask('DeleteService', { service: 'web', force: true })
    expect(service).toMatchObject({ status: 'DRAINING', desiredCount: 0 })
  })

  it('may be asked again while the service drains', async () => {
    await created({ desiredCount: 0 })
    const first = await ask('DeleteService', { service: 'web' })
    expect(await ask('DeleteService', { service: 'web' })).toEqual(first)
  })

  it('keeps the name until the service is INACTIVE; what is made then begins anew', async () => {
    const former = await created()
    await ask('DeleteService', { service: 'web', force: true })
    await expect(created()).rejects.toEqual(invalid('Unable to Start a service that is still Draining.'))
    await expect(ask('UpdateService', { service: 'web', desiredCount: 1 })).rejects.toEqual(
      refusal('ServiceNotActiveException', 'Service was not ACTIVE.'),
    )
    await drained()
    expect((await ask('DescribeServices', { services: ['web'] })).services![0]).toMatchObject({
      status: 'INACTIVE',
      deployments: [],
    })
    const service = await created()
    expect(service.status).toBe('ACTIVE')
    expect(service.deployments).toHaveLength(1)
    const { serviceDeployments } = await ask('ListServiceDeployments', { service: 'web' })
    expect(serviceDeployments).toHaveLength(1)
    expect(serviceDeployments![0]!.serviceDeploymentArn).not.toBe(former.currentServiceDeployment)
  })

  it('knows no service that is INACTIVE, or never was', async () => {
    await created({ desiredCount: 0 })
    await ask('DeleteService', { service: 'web' })
    await drained()
    for (const service of ['web', 'none', 'not a name']) {
      await expect(ask('DeleteService', { service })).rejects.toEqual(
        refusal('ServiceNotFoundException', 'Service not found.'),
      )
    }
  })

  it('wants force for a service with task sets', async () => {
    await ask('CreateService', { serviceName: 'ext', deploymentController: { type: 'EXTERNAL' } })
    await ask('CreateTaskSet', {
      cluster: 'default',
      service: 'ext',
      taskDefinition: 'web',
      launchType: 'FARGATE',
      networkConfiguration: IN_A,
    })
    await expect(ask('DeleteService', { service: 'ext' })).rejects.toEqual(
      invalid('The service cannot be stopped while it has task sets.'),
    )
    expect((await ask('DeleteService', { service: 'ext', force: true })).service?.status).toBe('DRAINING')
  })
})

describe('ListServices', () => {
  it('gives pages of ten, in the order of names', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `s${String(i).padStart(2, '0')}`)
    for (const serviceName of names) await created({ serviceName, desiredCount: 0 })
    const first = await ask('ListServices', {})
    const second = await ask('ListServices', { nextToken: first.nextToken! })
    expect(first.serviceArns).toHaveLength(10)
    expect([...first.serviceArns!, ...second.serviceArns!]).toEqual(
      names.map((name) => `${ECS}:service/default/${name}`),
    )
    expect(second.nextToken).toBeUndefined()
    expect((await ask('ListServices', { maxResults: 100 })).serviceArns).toHaveLength(12)
  })

  it('filters by launch type, scheduling strategy and who manages the resources', async () => {
    const { serviceArn } = await created()
    const listed = async (filter: object) => (await ask('ListServices', filter)).serviceArns
    expect(await listed({ launchType: 'FARGATE', schedulingStrategy: 'REPLICA' })).toEqual([serviceArn])
    expect(await listed({ launchType: 'EC2' })).toEqual([])
    expect(await listed({ schedulingStrategy: 'DAEMON' })).toEqual([])
    expect(await listed({ resourceManagementType: 'ECS' })).toEqual([])
  })

  it.each([
    [{ maxResults: 0 }, 'maxResults must be between 1 and 100.'],
    [{ nextToken: 'mine' }, 'Invalid token.'],
  ])('refuses %j', async (input, message) => {
    await expect(ask('ListServices', input)).rejects.toEqual(invalid(message))
  })

  it('knows no namespaces', async () => {
    await expect(ask('ListServicesByNamespace', { namespace: 'internal' })).rejects.toEqual(
      refusal('NamespaceNotFoundException', 'The specified namespace was not found.'),
    )
  })
})

describe('a cluster', () => {
  const counts = async () => {
    const { clusters } = await ask('DescribeClusters', { include: ['STATISTICS'] })
    const statistics = new Map(clusters![0]!.statistics!.map(({ name, value }) => [name, value]))
    return [
      clusters![0]!.activeServicesCount,
      statistics.get('activeFargateServiceCount'),
      statistics.get('drainingFargateServiceCount'),
    ]
  }

  it('counts its services, and stays while it has any', async () => {
    const remains = refusal(
      'ClusterContainsServicesException',
      'The Cluster cannot be deleted while Services are active.',
    )
    expect(await counts()).toEqual([0, '0', '0'])
    await created({ desiredCount: 0 })
    expect(await counts()).toEqual([1, '1', '0'])
    await expect(ask('DeleteCluster', { cluster: 'default' })).rejects.toEqual(remains)
    await ask('DeleteService', { service: 'web' })
    expect(await counts()).toEqual([0, '0', '1'])
    await expect(ask('DeleteCluster', { cluster: 'default' })).rejects.toEqual(remains)
    await drained()
    expect((await ask('DeleteCluster', { cluster: 'default' })).cluster?.status).toBe('INACTIVE')
  })

  it('keeps the capacity providers that a service uses', async () => {
    await created({ launchType: undefined, capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }] })
    const put = (capacityProviders: string[]) =>
      ask('PutClusterCapacityProviders', {
        cluster: 'default',
        capacityProviders,
        defaultCapacityProviderStrategy: [],
      })
    await expect(put(['FARGATE'])).rejects.toEqual(
      refusal('ResourceInUseException', 'The specified capacity provider is in use and cannot be removed.'),
    )
    expect((await put(['FARGATE_SPOT'])).cluster?.capacityProviders).toEqual(['FARGATE_SPOT'])
  })
})

describe('the tags of a service', () => {
  it('can be added, listed and taken away', async () => {
    const { serviceArn: resourceArn = '' } = await created({ tags: [{ key: 'team', value: 'a' }] })
    await ask('TagResource', { resourceArn, tags: [{ key: 'stage', value: 'test' }] })
    await ask('UntagResource', { resourceArn, tagKeys: ['team'] })
    expect(await ask('ListTagsForResource', { resourceArn })).toEqual({ tags: [{ key: 'stage', value: 'test' }] })
  })

  it.each([
    ['service/web', 'InvalidParameterException', 'Long arn format must be used for tagging operations'],
    ['service/default/none', 'ServiceNotFoundException', 'Service not found.'],
    [
      'task-set/default/web/ecs-svc/1234567890123456789',
      'InvalidParameterException',
      'The specified task set does not exist.',
    ],
  ])('of %s: %s', async (resource, code, message) => {
    await expect(ask('ListTagsForResource', { resourceArn: `${ECS}:${resource}` })).rejects.toEqual(
      refusal(code, message),
    )
  })

  it('cannot be changed once it is INACTIVE', async () => {
    const { serviceArn: resourceArn = '' } = await created()
    await ask('DeleteService', { service: 'web', force: true })
    await drained()
    await expect(ask('TagResource', { resourceArn, tags: [{ key: 'a', value: '' }] })).rejects.toEqual(
      invalid('The specified service is inactive. Specify an active service and try again.'),
    )
  })
})
