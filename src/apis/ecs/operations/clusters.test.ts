// Clusters and capacity providers as a caller sees them.

import { describe, expect, it, test } from 'vitest'
import { ask, call } from '#test/ecs-calls.ts'
import { refusal } from '#test/refusal.ts'
import { newTask } from '../model/new-task.ts'
import { advanced } from '../model/task.ts'
import { activeCluster, taskDefinitionNamed, tasks } from '../tables.ts'

const ARN = 'arn:aws:ecs:eu-west-1:123456789012:cluster'

/** A task of that cluster as a controller would have left it. */
const task = async (cluster: string, lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED', provider?: string) => {
  await ask('RegisterTaskDefinition', {
    family: 'web',
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    containerDefinitions: [{ name: 'app', image: 'nginx' }],
  })
  await call.store.write(async (tx) => {
    const born = newTask({
      cluster: await activeCluster(tx, call.scope, cluster),
      definition: (await taskDefinitionNamed(tx, call.scope, 'web'))!,
      overrides: {},
      network: {
        subnets: [{ id: 'subnet-a', vpcId: 'vpc-1', availabilityZone: 'eu-west-1a' }],
        securityGroups: [],
        assignPublicIp: false,
      },
      platformVersion: '1.4.0',
      enableExecuteCommand: false,
      tags: [],
      random: call.random,
      at: call.clock.now().toISOString(),
      turn: 0,
      ...(provider === undefined ? {} : { capacityProviderName: provider }),
    })
    await tx.put(tasks, advanced(born, { lastStatus }))
  })
}

describe('CreateCluster', () => {
  it('makes the cluster "default" when no name is given, with Container Insights off', async () => {
    const { cluster } = await ask('CreateCluster', {})
    expect(cluster).toEqual({
      clusterArn: `${ARN}/default`,
      clusterName: 'default',
      status: 'ACTIVE',
      registeredContainerInstancesCount: 0,
      runningTasksCount: 0,
      pendingTasksCount: 0,
      activeServicesCount: 0,
      statistics: [],
      tags: [],
      settings: [{ name: 'containerInsights', value: 'disabled' }],
      capacityProviders: [],
      defaultCapacityProviderStrategy: [],
    })
  })

  it('answers an active cluster of the same name as it is', async () => {
    await ask('CreateCluster', { clusterName: 'a', tags: [{ key: 'k', value: 'v' }] })
    const again = await ask('CreateCluster', { clusterName: 'a', tags: [{ key: 'other', value: 'x' }] })
    expect(again.cluster?.tags).toEqual([{ key: 'k', value: 'v' }])
  })

  it('takes Container Insights from the account, and from the request before that', async () => {
    await ask('PutAccountSettingDefault', { name: 'containerInsights', value: 'enhanced' })
    expect((await ask('CreateCluster', {})).cluster?.settings?.[0]?.value).toBe('enhanced')
    const settings = [{ name: 'containerInsights' as const, value: 'enabled' }]
    expect((await ask('CreateCluster', { clusterName: 'a', settings })).cluster?.settings).toEqual(settings)
  })

  test.each<[string, object, string]>([
    ['a name with a dot', { clusterName: 'a.b' }, 'Cluster name contains invalid characters.'],
    ['a name of 256 characters', { clusterName: 'a'.repeat(256) }, 'Cluster name contains invalid characters.'],
    ['another setting', { settings: [{ name: 'x', value: 'on' }] }, 'x should be one of [containerInsights]'],
    [
      'another value',
      { settings: [{ name: 'containerInsights', value: 'on' }] },
      'on should be one of [enabled,disabled,enhanced]',
    ],
    [
      'an unknown provider',
      { capacityProviders: ['mine'] },
      `The specified capacity provider 'mine' was not found. Specify a valid name or ARN and try again.`,
    ],
    [
      'a strategy of providers it does not name',
      { defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] },
      'The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. Associate the capacity provider with the cluster and try again.',
    ],
    [
      'a log configuration that does not override',
      { configuration: { executeCommandConfiguration: { logConfiguration: { s3BucketName: 'b' } } } },
      `You must set logging to 'OVERRIDE' when you supply a log configuration.`,
    ],
    [
      'an override without a place for logs',
      { configuration: { executeCommandConfiguration: { logging: 'OVERRIDE' } } },
      'A CloudWatch log group name or S3 bucket name must be specified when overriding the default log configuration.',
    ],
    [
      'a reserved tag',
      { tags: [{ key: 'aws:x', value: '' }] },
      `Tag keys starting with 'aws:' are reserved for system use.`,
    ],
  ])('refuses %s', async (_, input, message) => {
    await expect(ask('CreateCluster', input)).rejects.toEqual(refusal('InvalidParameterException', message))
  })
})

describe('DescribeClusters', () => {
  it('counts tasks, and shows more only when asked', async () => {
    await ask('CreateCluster', { tags: [{ key: 'k', value: 'v' }] })
    for (const status of ['PENDING', 'RUNNING', 'RUNNING', 'STOPPED'] as const) await task('default', status)
    const [plain] = (await ask('DescribeClusters', {})).clusters!
    expect(plain).toMatchObject({ runningTasksCount: 2, pendingTasksCount: 1, settings: [], tags: [], statistics: [] })
    const include = ['SETTINGS', 'TAGS', 'STATISTICS', 'ATTACHMENTS', 'CONFIGURATIONS'] as const
    const [full] = (await ask('DescribeClusters', { include: [...include] })).clusters!
    expect(full).toMatchObject({ settings: [{ name: 'containerInsights' }], tags: [{ key: 'k' }], attachments: [] })
    expect(full?.statistics).toContainEqual({ name: 'runningFargateTasksCount', value: '2' })
    expect(full?.statistics).toContainEqual({ name: 'pendingFargateTasksCount', value: '1' })
  })

  it('finds by name and by ARN, and says what is missing', async () => {
    await ask('CreateCluster', { clusterName: 'a' })
    const answer = await ask('DescribeClusters', { clusters: ['a', `${ARN}/a`, 'b', `${ARN.replace('eu', 'us')}/a`] })
    expect(answer.clusters?.map(({ clusterName }) => clusterName)).toEqual(['a', 'a'])
    expect(answer.failures).toEqual([
      { arn: `${ARN}/b`, reason: 'MISSING' },
      { arn: `${ARN.replace('eu', 'us')}/a`, reason: 'MISSING' },
    ])
  })

  it('refuses more than a hundred', async () => {
    await expect(ask('DescribeClusters', { clusters: Array(101).fill('a') })).rejects.toEqual(
      refusal('InvalidParameterException', 'clusters can have at most 100 items.'),
    )
  })
})

describe('ListClusters', () => {
  it('gives pages, and leaves out what has been deleted', async () => {
    for (const clusterName of ['a', 'b', 'c', 'd']) await ask('CreateCluster', { clusterName })
    await ask('DeleteCluster', { cluster: 'b' })
    const first = await ask('ListClusters', { maxResults: 2 })
    expect(first.clusterArns).toEqual([`${ARN}/a`, `${ARN}/c`])
    const rest = await ask('ListClusters', { maxResults: 2, nextToken: first.nextToken! })
    expect(rest).toEqual({ clusterArns: [`${ARN}/d`] })
  })

  it('refuses a page of 101 and a token of its own', async () => {
    await expect(ask('ListClusters', { maxResults: 101 })).rejects.toEqual(
      refusal('InvalidParameterException', 'maxResults must be between 1 and 100.'),
    )
    await expect(ask('ListClusters', { nextToken: 'mine' })).rejects.toEqual(
      refusal('InvalidParameterException', 'Invalid token.'),
    )
  })
})

describe('UpdateCluster and UpdateClusterSettings', () => {
  it('change what is given and keep the rest', async () => {
    await ask('CreateCluster', { clusterName: 'a' })
    const executeCommandConfiguration = { logging: 'NONE' as const }
    await ask('UpdateCluster', { cluster: 'a', configuration: { executeCommandConfiguration } })
    const settings = [{ name: 'containerInsights' as const, value: 'enabled' }]
    await ask('UpdateClusterSettings', { cluster: 'a', settings })
    const [cluster] = (await ask('DescribeClusters', { clusters: ['a'], include: ['SETTINGS', 'CONFIGURATIONS'] }))
      .clusters!
    expect(cluster).toMatchObject({ settings, configuration: { executeCommandConfiguration } })
  })

  it('refuse a value that is none, and a cluster that has been deleted', async () => {
    await ask('CreateCluster', { clusterName: 'a' })
    const settings = [{ name: 'containerInsights' as const, value: 'maybe' }]
    const refused = refusal('InvalidParameterException', 'maybe should be one of [enabled,disabled,enhanced]')
    await expect(ask('UpdateClusterSettings', { cluster: 'a', settings })).rejects.toEqual(refused)
    await expect(ask('UpdateCluster', { cluster: 'a', settings })).rejects.toEqual(refused)
    await ask('DeleteCluster', { cluster: 'a' })
    await expect(ask('UpdateCluster', { cluster: 'a' })).rejects.toEqual(
      refusal('ClusterNotFoundException', 'The referenced cluster was inactive.'),
    )
  })
})

describe('DeleteCluster', () => {
  it('leaves the cluster INACTIVE and described; its name can be used anew', async () => {
    await ask('CreateCluster', { clusterName: 'a' })
    expect((await ask('DeleteCluster', { cluster: `${ARN}/a` })).cluster?.status).toBe('INACTIVE')
    expect((await ask('DescribeClusters', { clusters: ['a'] })).clusters?.[0]?.status).toBe('INACTIVE')
    expect((await ask('CreateCluster', { clusterName: 'a' })).cluster?.status).toBe('ACTIVE')
  })

  it('refuses while tasks live, and not for those that have stopped', async () => {
    await ask('CreateCluster', { clusterName: 'a' })
    await task('a', 'STOPPED')
    await task('a', 'RUNNING')
    await expect(ask('DeleteCluster', { cluster: 'a' })).rejects.toEqual(
      refusal('ClusterContainsTasksException', 'The Cluster cannot be deleted while Tasks are active.'),
    )
    await ask('CreateCluster', { clusterName: 'b' })
    await task('b', 'STOPPED')
    expect((await ask('DeleteCluster', { cluster: 'b' })).cluster?.status).toBe('INACTIVE')
  })

  it('refuses an unknown cluster', async () => {
    await expect(ask('DeleteCluster', { cluster: 'a' })).rejects.toEqual(
      refusal('ClusterNotFoundException', 'Cluster not found.'),
    )
  })
})

describe('capacity providers', () => {
  it('are FARGATE and FARGATE_SPOT in every account', async () => {
    const answer = await ask('DescribeCapacityProviders', { capacityProviders: ['FARGATE_SPOT', 'mine'] })
    expect(answer.capacityProviders).toMatchObject([{ name: 'FARGATE_SPOT', status: 'ACTIVE', type: 'FARGATE_SPOT' }])
    expect(answer.failures).toEqual([{ arn: 'mine', reason: 'MISSING' }])
    const all = await ask('DescribeCapacityProviders', {})
    expect(all.capacityProviders?.map(({ name }) => name)).toEqual(['FARGATE', 'FARGATE_SPOT'])
  })

  it('are replaced as a whole, unless one that goes is in use', async () => {
    await ask('CreateCluster', { clusterName: 'a', capacityProviders: ['FARGATE', 'FARGATE_SPOT'] })
    await task('a', 'RUNNING', 'FARGATE_SPOT')
    const put = (...capacityProviders: string[]) =>
      ask('PutClusterCapacityProviders', { cluster: 'a', capacityProviders, defaultCapacityProviderStrategy: [] })
    await expect(put('FARGATE')).rejects.toEqual(
      refusal('ResourceInUseException', 'The specified capacity provider is in use and cannot be removed.'),
    )
    expect((await put('FARGATE_SPOT')).cluster?.capacityProviders).toEqual(['FARGATE_SPOT'])
  })
})
