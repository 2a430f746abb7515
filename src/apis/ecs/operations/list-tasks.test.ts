// ListTasks and StartTask as a caller sees them.

import { beforeEach, describe, expect, it } from 'vitest'
import { ask, call } from '#test/ecs-calls.ts'
import { refusal } from '#test/refusal.ts'
import { securityGroups, subnets } from '../../ec2/tables.ts'

beforeEach(async () => {
  const { scope } = call
  const vpcId = 'vpc-1'
  await call.store.write(async (tx) => {
    await tx.put(subnets, {
      id: 'subnet-a',
      scope,
      vpcId,
      cidr: '10.0.0.0/24',
      availabilityZone: 'eu-west-1a',
      mapPublicIpOnLaunch: false,
      defaultForAz: false,
      tags: [],
    })
    await tx.put(securityGroups, { id: 'sg-d', scope, vpcId, name: 'default', description: '', rules: [], tags: [] })
  })
  for (const clusterName of ['default', 'other']) await ask('CreateCluster', { clusterName })
  for (const family of ['web', 'webhook']) {
    await ask('RegisterTaskDefinition', {
      family,
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      containerDefinitions: [{ name: 'app', image: 'nginx' }],
    })
  }
})

const run = async (taskDefinition: string, more: object = {}): Promise<string[]> => {
  const { tasks = [] } = await ask('RunTask', {
    taskDefinition,
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a'] } },
    ...more,
  })
  return tasks.map(({ taskArn = '' }) => taskArn)
}
const listed = async (input: object = {}): Promise<ReadonlySet<string>> =>
  new Set((await ask('ListTasks', input)).taskArns)

describe('ListTasks', () => {
  it('lists the tasks of one cluster that are wished to run', async () => {
    const mine = await run('web', { count: 3 })
    const others = await run('web', { cluster: 'other' })
    await ask('StopTask', { task: mine[2]! })
    expect(await listed()).toEqual(new Set(mine.slice(0, 2)))
    expect(await listed({ cluster: 'other' })).toEqual(new Set(others))
    expect(await listed({ desiredStatus: 'STOPPED' })).toEqual(new Set([mine[2]]))
    expect(await listed({ desiredStatus: 'PENDING' })).toEqual(new Set())
  })

  it('filters by family, by who started them, by service, by launch type and by instance', async () => {
    const web = await run('web')
    const hook = await run('webhook', { startedBy: 'me' })
    await ask('CreateService', {
      serviceName: 'api',
      taskDefinition: 'web',
      desiredCount: 0,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a'] } },
    })
    const grouped = await run('webhook', { group: 'service:api' })
    expect(await listed({ family: 'web' })).toEqual(new Set(web))
    expect(await listed({ startedBy: 'me' })).toEqual(new Set(hook))
    expect(await listed({ serviceName: 'api' })).toEqual(new Set(grouped))
    expect(await listed({ launchType: 'FARGATE' })).toEqual(new Set([...web, ...hook, ...grouped]))
    expect(await listed({ launchType: 'EC2' })).toEqual(new Set())
    expect(await listed({ containerInstance: 'i-1' })).toEqual(new Set())
  })

  it('gives pages of matching tasks only, each task once', async () => {
    const all: string[] = []
    for (let round = 0; round < 3; round++) {
      all.push(...(await run('web', { count: 10 })))
      await run('webhook', { count: 10 })
    }
    const seen: string[] = []
    let nextToken: string | undefined
    let pages = 0
    do {
      const page = await ask('ListTasks', {
        family: 'web',
        maxResults: 10,
        ...(nextToken === undefined ? {} : { nextToken }),
      })
      seen.push(...page.taskArns!)
      nextToken = page.nextToken
      pages++
    } while (nextToken !== undefined)
    expect(pages).toBe(3)
    expect(seen).toHaveLength(30)
    expect(new Set(seen)).toEqual(new Set(all))
  })

  it.each([
    [
      { startedBy: 'me', family: 'web' },
      'startedBy can not be combined with family, serviceName or containerInstance.',
    ],
    [{ maxResults: 0 }, 'maxResults must be between 1 and 100.'],
    [{ nextToken: 'mine' }, 'Invalid token.'],
  ])('refuses %j', async (input, message) => {
    await expect(ask('ListTasks', input)).rejects.toEqual(refusal('InvalidParameterException', message))
  })
})

it('ListTasks knows no tasks of a service that is not there', async () => {
  await expect(ask('ListTasks', { serviceName: 'none' })).rejects.toEqual(
    refusal('ServiceNotFoundException', 'Service not found.'),
  )
})

describe('StartTask', () => {
  const containerInstances = ['0123']

  it('is for container instances, and there are none', async () => {
    await ask('RegisterTaskDefinition', {
      family: 'old',
      memory: '64',
      containerDefinitions: [{ name: 'a', image: 'b' }],
    })
    expect(await ask('StartTask', { taskDefinition: 'old', containerInstances })).toEqual({
      tasks: [],
      failures: [{ arn: '0123', reason: 'MISSING' }],
    })
  })

  it('refuses what was made for Fargate, and what does not exist', async () => {
    await expect(ask('StartTask', { taskDefinition: 'web', containerInstances })).rejects.toEqual(
      refusal('InvalidParameterException', 'Task definition does not support launch_type EC2.'),
    )
    await expect(ask('StartTask', { taskDefinition: 'nothing', containerInstances })).rejects.toEqual(
      refusal('ClientException', 'TaskDefinition not found.'),
    )
    await ask('DeregisterTaskDefinition', { taskDefinition: 'web:1' })
    await expect(ask('StartTask', { taskDefinition: 'web:1', containerInstances })).rejects.toEqual(
      refusal('ClientException', 'TaskDefinition is inactive'),
    )
  })
})
