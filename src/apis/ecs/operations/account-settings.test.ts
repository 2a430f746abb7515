// Account settings and tags as a caller sees them.

import type * as sdk from '@aws-sdk/client-ecs'
import { beforeEach, describe, expect, it } from 'vitest'
import { ask } from '#test/ecs-calls.ts'
import { refusal } from '#test/refusal.ts'

const ROOT = 'arn:aws:iam::123456789012:root'
const USER = 'arn:aws:iam::123456789012:user/eve'
const ARN = 'arn:aws:ecs:eu-west-1:123456789012'

describe('account settings', () => {
  const effective = async (principalArn: string, name: string) => {
    const { settings = [] } = await ask('ListAccountSettings', { principalArn, effectiveSettings: true })
    return settings.find((setting) => setting.name === name)?.value
  }

  it('start as in a new account', async () => {
    const { settings = [] } = await ask('ListAccountSettings', { effectiveSettings: true })
    expect(Object.fromEntries(settings.map(({ name, value }) => [name, value]))).toEqual({
      awsvpcTrunking: 'disabled',
      containerInsights: 'disabled',
      containerInstanceLongArnFormat: 'enabled',
      defaultLogDriverMode: 'non-blocking',
      fargateEventWindows: 'disabled',
      fargateFIPSMode: 'disabled',
      fargateTaskRetirementWaitPeriod: '7',
      guardDutyActivate: 'off',
      serviceLongArnFormat: 'enabled',
      tagResourceAuthorization: 'on',
      taskLongArnFormat: 'enabled',
    })
    expect((await ask('ListAccountSettings', {})).settings).toEqual([])
  })

  it('hold for a principal before they hold for the account', async () => {
    await ask('PutAccountSettingDefault', { name: 'containerInsights', value: 'enabled' })
    await ask('PutAccountSetting', { name: 'containerInsights', value: 'enhanced', principalArn: USER })
    expect(await effective(USER, 'containerInsights')).toBe('enhanced')
    expect(await effective(ROOT, 'containerInsights')).toBe('enabled')
    const forgotten = await ask('DeleteAccountSetting', { name: 'containerInsights', principalArn: USER })
    expect(forgotten.setting).toEqual({ name: 'containerInsights', value: 'enabled', principalArn: USER, type: 'user' })
  })

  it('are found by name and value', async () => {
    await ask('PutAccountSetting', { name: 'awsvpcTrunking', value: 'enabled' })
    await ask('PutAccountSetting', { name: 'containerInsights', value: 'enabled' })
    const found = await ask('ListAccountSettings', { name: 'containerInsights', value: 'enabled' })
    expect(found.settings).toEqual([{ name: 'containerInsights', value: 'enabled', principalArn: ROOT, type: 'user' }])
    expect((await ask('ListAccountSettings', { maxResults: 1 })).nextToken).toBeDefined()
  })

  it.each<[string, string, string]>([
    ['colour', 'red', expect.stringMatching(/^colour should be one of \[awsvpcTrunking,containerInsights,/) as never],
    ['containerInsights', 'red', 'red should be one of [enabled,disabled,enhanced]'],
    ['fargateTaskRetirementWaitPeriod', '3', '3 should be one of [0,7,14]'],
    ['guardDutyActivate', 'on', 'The setting guardDutyActivate is managed by AWS and can not be changed.'],
  ])('refuse %s = %s', async (name, value, message) => {
    const input = { name: name as sdk.SettingName, value }
    await expect(ask('PutAccountSetting', input)).rejects.toEqual(refusal('InvalidParameterException', message))
    await expect(ask('PutAccountSettingDefault', input)).rejects.toEqual(refusal('InvalidParameterException', message))
  })

  it('refuse a value without a name, and the deletion of what is none', async () => {
    await expect(ask('ListAccountSettings', { value: 'enabled' })).rejects.toEqual(
      refusal('InvalidParameterException', 'name must be specified when value is specified.'),
    )
    await expect(ask('DeleteAccountSetting', { name: 'colour' as sdk.SettingName })).rejects.toMatchObject({
      code: 'InvalidParameterException',
    })
  })
})

describe('tags', () => {
  const cluster = `${ARN}:cluster/a`

  beforeEach(async () => {
    await ask('CreateCluster', { clusterName: 'a' })
    await ask('RegisterTaskDefinition', {
      family: 'web',
      memory: '64',
      containerDefinitions: [{ name: 'app', image: 'nginx' }],
      tags: [{ key: 'team', value: 'a' }],
    })
  })
  const tagsOf = async (resourceArn: string) => (await ask('ListTagsForResource', { resourceArn })).tags

  it('are added, replaced and taken away, on clusters and on task definitions', async () => {
    for (const resourceArn of [cluster, `${ARN}:task-definition/web:1`]) {
      await ask('TagResource', {
        resourceArn,
        tags: [
          { key: 'team', value: 'b' },
          { key: 'env', value: 'test' },
        ],
      })
      await ask('UntagResource', { resourceArn, tagKeys: ['env', 'unknown'] })
      expect(await tagsOf(resourceArn)).toEqual([{ key: 'team', value: 'b' }])
    }
  })

  it('end at fifty', async () => {
    const tags = (from: number) => Array.from({ length: 30 }, (_, index) => ({ key: `k${from + index}`, value: '' }))
    await ask('TagResource', { resourceArn: cluster, tags: tags(0) })
    await expect(ask('TagResource', { resourceArn: cluster, tags: tags(30) })).rejects.toEqual(
      refusal('InvalidParameterException', 'The number of tags exceeds the limit of 50.'),
    )
  })

  const invalid = 'The specified resource ARN is invalid. Specify a valid ARN and try again.'
  it.each([
    ['an unknown cluster', `${ARN}:cluster/b`, 'ClusterNotFoundException', 'Cluster not found.'],
    [
      'an unknown revision',
      `${ARN}:task-definition/web:2`,
      'InvalidParameterException',
      'The specified task definition does not exist.',
    ],
    [
      'an unknown task',
      `${ARN}:task/a/${'0'.repeat(32)}`,
      'InvalidParameterException',
      'The referenced task was not found.',
    ],
    [
      'an old task ARN',
      `${ARN}:task/${'0'.repeat(32)}`,
      'InvalidParameterException',
      'Long arn format must be used for tagging operations',
    ],
    ['a service', `${ARN}:service/a/web`, 'ServiceNotFoundException', 'Service not found.'],
    ['another region', cluster.replace('eu', 'us'), 'InvalidParameterException', invalid],
    ['another kind', `${ARN}:thing/a`, 'InvalidParameterException', invalid],
    ['no ARN', 'web', 'InvalidParameterException', invalid],
  ])('are refused for %s', async (_, resourceArn, code, message) => {
    await expect(tagsOf(resourceArn)).rejects.toEqual(refusal(code, message))
  })

  it('are refused for what is no longer active', async () => {
    await ask('DeleteCluster', { cluster: 'a' })
    await ask('DeregisterTaskDefinition', { taskDefinition: 'web:1' })
    await expect(tagsOf(cluster)).rejects.toEqual(
      refusal(
        'InvalidParameterException',
        'The specified cluster is inactive. Specify an active cluster and try again.',
      ),
    )
    await expect(tagsOf(`${ARN}:task-definition/web:1`)).rejects.toEqual(
      refusal(
        'InvalidParameterException',
        'The specified task definition is inactive. Specify an active task definition and try again.',
      ),
    )
  })

  it('must be some, and none of AWS’s own', async () => {
    await expect(ask('TagResource', { resourceArn: cluster, tags: [] })).rejects.toEqual(
      refusal('InvalidParameterException', 'Tags can not be empty.'),
    )
    await expect(ask('UntagResource', { resourceArn: cluster, tagKeys: ['aws:ecs:clusterName'] })).rejects.toEqual(
      refusal('InvalidParameterException', `Tag keys starting with 'aws:' are reserved for system use.`),
    )
  })
})
