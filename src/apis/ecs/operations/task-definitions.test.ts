// Task definitions as a caller sees them; every rule of registration is in model/validation.

import { beforeEach, describe, expect, it } from 'vitest'
import { ask, call, setUp } from '#test/ecs-calls.ts'
import { refusal } from '#test/refusal.ts'

const ARN = 'arn:aws:ecs:eu-west-1:123456789012:task-definition'

const register = (family: string, more: object = {}) =>
  ask('RegisterTaskDefinition', {
    family,
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '.25 vCPU',
    memory: '0.5GB',
    containerDefinitions: [{ name: 'app', image: 'nginx', portMappings: [{ containerPort: 80 }] }],
    ...more,
  })

describe('RegisterTaskDefinition', () => {
  it('answers the revision with AWS’s defaults', async () => {
    const { taskDefinition } = await register('web')
    expect(taskDefinition).toEqual({
      taskDefinitionArn: `${ARN}/web:1`,
      family: 'web',
      revision: 1,
      status: 'ACTIVE',
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      requiresCompatibilities: ['FARGATE'],
      compatibilities: ['EC2', 'FARGATE'],
      requiresAttributes: [
        { name: 'com.amazonaws.ecs.capability.docker-remote-api.1.18' },
        { name: 'ecs.capability.task-eni' },
      ],
      containerDefinitions: [
        {
          name: 'app',
          image: 'nginx',
          cpu: 0,
          essential: true,
          portMappings: [{ containerPort: 80, hostPort: 80, protocol: 'tcp' }],
          environment: [],
          mountPoints: [],
          volumesFrom: [],
          systemControls: [],
        },
      ],
      volumes: [],
      placementConstraints: [],
      registeredAt: call.clock.now(),
      registeredBy: call.caller.arn,
    })
  })

  it('fills in health checks, restart policies, port ranges and bind volumes', async () => {
    const { taskDefinition } = await register('web', {
      volumes: [{ name: 'data' }],
      containerDefinitions: [
        {
          name: 'app',
          image: 'nginx',
          healthCheck: { command: ['CMD', 'true'] },
          restartPolicy: { enabled: true },
          portMappings: [{ containerPortRange: '80-90' }],
        },
      ],
    })
    expect(taskDefinition?.volumes).toEqual([{ name: 'data', host: {} }])
    expect(taskDefinition?.containerDefinitions?.[0]).toMatchObject({
      healthCheck: { command: ['CMD', 'true'], interval: 30, timeout: 5, retries: 3 },
      restartPolicy: { enabled: true, ignoredExitCodes: [], restartAttemptPeriod: 300 },
      portMappings: [{ containerPortRange: '80-90', protocol: 'tcp' }],
    })
  })

  it('keeps a definition for EC2 off Fargate', async () => {
    const { taskDefinition } = await ask('RegisterTaskDefinition', {
      family: 'old',
      containerDefinitions: [
        { name: 'app', image: 'nginx', memory: 64, privileged: true, portMappings: [{ containerPort: 80 }] },
      ],
    })
    expect(taskDefinition).toMatchObject({ networkMode: 'bridge', compatibilities: ['EC2'] })
    expect(taskDefinition?.containerDefinitions?.[0]?.portMappings).toEqual([
      { containerPort: 80, hostPort: 0, protocol: 'tcp' },
    ])
    expect(taskDefinition?.requiresCompatibilities).toBeUndefined()
  })

  it('counts revisions by family, and never uses one again', async () => {
    await register('web')
    await register('api')
    expect((await register('web')).taskDefinition?.revision).toBe(2)
    await ask('DeregisterTaskDefinition', { taskDefinition: 'web:2' })
    await ask('DeleteTaskDefinitions', { taskDefinitions: ['web:2'] })
    expect((await register('web')).taskDefinition?.revision).toBe(3)
  })

  it('takes any size in extended mode, and only what Fargate sells in strict mode', async () => {
    const odd = { cpu: '300', memory: '700' }
    await expect(register('web', odd)).rejects.toEqual(
      refusal(
        'ClientException',
        'No Fargate configuration exists for given values: 300 CPU, 700 memory. See the Amazon ECS documentation for the valid values.',
      ),
    )
    setUp({ mode: 'extended' })
    expect((await register('web', odd)).taskDefinition).toMatchObject({ cpu: '300', memory: '700' })
  })

  it('refuses an empty list of tags, and bad ones', async () => {
    await expect(register('web', { tags: [] })).rejects.toEqual(
      refusal('InvalidParameterException', 'Tags can not be empty.'),
    )
    await expect(register('web', { tags: [{ key: 'aws:x', value: '' }] })).rejects.toEqual(
      refusal('InvalidParameterException', `Tag keys starting with 'aws:' are reserved for system use.`),
    )
  })
})

describe('DescribeTaskDefinition', () => {
  it('finds the newest active revision of a family, a revision, and an ARN', async () => {
    for (let revision = 1; revision <= 3; revision++) await register('web')
    await ask('DeregisterTaskDefinition', { taskDefinition: 'web:3' })
    const revisionOf = async (taskDefinition: string) =>
      (await ask('DescribeTaskDefinition', { taskDefinition })).taskDefinition?.revision
    expect(await revisionOf('web')).toBe(2)
    expect(await revisionOf('web:1')).toBe(1)
    expect(await revisionOf(`${ARN}/web:3`)).toBe(3)
  })

  it('shows tags where they are asked for', async () => {
    await register('web', { tags: [{ key: 'k', value: 'v' }] })
    expect((await ask('DescribeTaskDefinition', { taskDefinition: 'web' })).tags).toEqual([])
    const asked = await ask('DescribeTaskDefinition', { taskDefinition: 'web', include: ['TAGS'] })
    expect(asked.tags).toEqual([{ key: 'k', value: 'v' }])
  })

  it.each(['nothing', 'web:9', 'web:x', 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:1'])(
    'knows nothing of %s',
    async (taskDefinition) => {
      await register('web')
      await expect(ask('DescribeTaskDefinition', { taskDefinition })).rejects.toEqual(
        refusal('ClientException', 'Unable to describe task definition.'),
      )
    },
  )
})

describe('ListTaskDefinitions', () => {
  beforeEach(async () => {
    for (let revision = 1; revision <= 11; revision++) await register('web')
    await register('api')
    await ask('DeregisterTaskDefinition', { taskDefinition: 'web:2' })
  })

  it('orders by family and by revision as a number, one way or the other', async () => {
    const all = (await ask('ListTaskDefinitions', {})).taskDefinitionArns!
    expect(all.slice(0, 3)).toEqual([`${ARN}/api:1`, `${ARN}/web:1`, `${ARN}/web:3`])
    expect(all.at(-1)).toBe(`${ARN}/web:11`)
    const back = await ask('ListTaskDefinitions', { sort: 'DESC' })
    expect(back.taskDefinitionArns).toEqual(all.toReversed())
  })

  it('filters by the whole family name and by status', async () => {
    expect((await ask('ListTaskDefinitions', { familyPrefix: 'we' })).taskDefinitionArns).toEqual([])
    const inactive = await ask('ListTaskDefinitions', { familyPrefix: 'web', status: 'INACTIVE' })
    expect(inactive.taskDefinitionArns).toEqual([`${ARN}/web:2`])
  })

  it('gives pages whose token fits the same filters only', async () => {
    const first = await ask('ListTaskDefinitions', { maxResults: 10 })
    const rest = await ask('ListTaskDefinitions', { maxResults: 10, nextToken: first.nextToken! })
    expect(rest).toEqual({ taskDefinitionArns: [`${ARN}/web:11`] })
    await expect(ask('ListTaskDefinitions', { sort: 'DESC', nextToken: first.nextToken! })).rejects.toEqual(
      refusal('InvalidParameterException', 'Invalid token.'),
    )
  })
})

describe('ListTaskDefinitionFamilies', () => {
  it('tells active families from inactive ones, and forgets those without revisions', async () => {
    for (const family of ['web', 'api', 'gone', 'worker']) await register(family)
    for (const family of ['api', 'gone']) await ask('DeregisterTaskDefinition', { taskDefinition: `${family}:1` })
    await ask('DeleteTaskDefinitions', { taskDefinitions: ['gone:1'] })
    const families = async (input: object) => (await ask('ListTaskDefinitionFamilies', input)).families
    expect(await families({})).toEqual(['api', 'web', 'worker'])
    expect(await families({ status: 'ACTIVE' })).toEqual(['web', 'worker'])
    expect(await families({ status: 'INACTIVE' })).toEqual(['api'])
    expect(await families({ familyPrefix: 'wo' })).toEqual(['worker'])
  })
})

describe('DeregisterTaskDefinition', () => {
  it('makes a revision INACTIVE: it is described, and runs no more', async () => {
    await register('web')
    await ask('CreateCluster', {})
    const { taskDefinition } = await ask('DeregisterTaskDefinition', { taskDefinition: 'web:1' })
    expect(taskDefinition).toMatchObject({ status: 'INACTIVE', deregisteredAt: call.clock.now() })
    await expect(ask('RunTask', { taskDefinition: 'web:1', launchType: 'FARGATE' })).rejects.toEqual(
      refusal('ClientException', 'TaskDefinition is inactive'),
    )
    const again = await ask('DeregisterTaskDefinition', { taskDefinition: 'web:1' })
    expect(again.taskDefinition?.status).toBe('INACTIVE')
  })

  it('needs a revision, and one that exists', async () => {
    await expect(ask('DeregisterTaskDefinition', { taskDefinition: 'web' })).rejects.toEqual(
      refusal('ClientException', 'Revision is missing.'),
    )
    await expect(ask('DeregisterTaskDefinition', { taskDefinition: 'web:1' })).rejects.toEqual(
      refusal('ClientException', 'The specified task definition does not exist.'),
    )
  })
})

describe('DeleteTaskDefinitions', () => {
  it('deletes what is inactive, and gives the reason for each of the others', async () => {
    await register('web')
    await register('web')
    await ask('DeregisterTaskDefinition', { taskDefinition: 'web:1' })
    const answer = await ask('DeleteTaskDefinitions', { taskDefinitions: ['web:1', 'web:2', 'web:9', 'web'] })
    expect(answer.taskDefinitions).toMatchObject([
      { taskDefinitionArn: `${ARN}/web:1`, status: 'DELETE_IN_PROGRESS', deleteRequestedAt: call.clock.now() },
    ])
    expect(answer.failures).toEqual([
      {
        arn: 'web:2',
        reason: 'The specified task definition is still in ACTIVE status. Please deregister the target and try again.',
      },
      {
        arn: 'web:9',
        reason:
          'The specified task definition does not exist. Specify a valid account, family, revision and try again.',
      },
      {
        arn: 'web',
        reason: 'The specified task definition identifier is invalid. Specify a valid name or ARN and try again.',
      },
    ])
  })

  it('refuses eleven at once', async () => {
    await expect(ask('DeleteTaskDefinitions', { taskDefinitions: Array(11).fill('web:1') })).rejects.toEqual(
      refusal('InvalidParameterException', 'taskDefinitions can have at most 10 items.'),
    )
  })
})
