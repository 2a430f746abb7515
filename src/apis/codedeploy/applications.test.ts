// Applications of CodeDeploy, the revisions that they remember, and tags, as a caller sees them.

import { describe, expect, it } from 'vitest'
import { ask, world } from '#test/code-deploy-calls.ts'
import { refusal } from '#test/refusal.ts'

describe('applications', () => {
  it('are made, shown, listed, renamed and deleted', async () => {
    const { applicationId } = await ask('CreateApplication', { applicationName: 'web', computePlatform: 'ECS' })
    const shown = {
      applicationId,
      applicationName: 'web',
      computePlatform: 'ECS',
      linkedToGitHub: false,
      createTime: world.clock.now(),
    }
    expect(await ask('GetApplication', { applicationName: 'web' })).toEqual({ application: shown })
    await ask('UpdateApplication', { applicationName: 'web', newApplicationName: 'shop' })
    expect(await ask('BatchGetApplications', { applicationNames: ['shop'] })).toEqual({
      applicationsInfo: [{ ...shown, applicationName: 'shop' }],
    })
    expect(await ask('ListApplications', {})).toEqual({ applications: ['shop'] })
    await ask('DeleteApplication', { applicationName: 'shop' })
    await ask('DeleteApplication', { applicationName: 'shop' })
    await expect(ask('GetApplication', { applicationName: 'shop' })).rejects.toEqual(
      refusal('ApplicationDoesNotExistException', 'No application found for name: shop'),
    )
  })

  it('are for ECS only, and each name is there once', async () => {
    const lambda = { applicationName: 'web', computePlatform: 'Lambda' }
    const text = (platform: string): string => `The compute platform ${platform} is not supported; use ECS`
    await expect(ask('CreateApplication', lambda)).rejects.toEqual(
      refusal('InvalidComputePlatformException', text('Lambda')),
    )
    await expect(ask('CreateApplication', { applicationName: 'web' })).rejects.toEqual(
      refusal('InvalidComputePlatformException', text('Server')),
    )
    const web = { applicationName: 'web', computePlatform: 'ECS' }
    await ask('CreateApplication', web)
    await expect(ask('CreateApplication', web)).rejects.toEqual(
      refusal('ApplicationAlreadyExistsException', 'Application already exists with name: web'),
    )
  })

  it('are listed by the page', async () => {
    for (let at = 0; at < 101; at++) {
      await ask('CreateApplication', { applicationName: `a${String(at).padStart(3, '0')}`, computePlatform: 'ECS' })
    }
    const first = await ask('ListApplications', {})
    expect(first.applications).toHaveLength(100)
    expect(await ask('ListApplications', { nextToken: first.nextToken })).toEqual({ applications: ['a100'] })
    await expect(ask('ListApplications', { nextToken: 'x' })).rejects.toEqual(
      refusal('InvalidNextTokenException', 'The next token is not valid'),
    )
  })
})

describe('revisions', () => {
  it('are remembered by their application, with the groups that they went to', async () => {
    await world.deployable()
    const string = { content: 'version: 0.0\nResources: []' }
    await ask('RegisterApplicationRevision', {
      applicationName: 'web',
      description: 'a draft',
      revision: { revisionType: 'String', string },
    })
    await world.advance(1)
    const deploymentId = await world.bluegreen()
    const { revision } = await world.deployment(deploymentId)
    const { revisions } = await ask('ListApplicationRevisions', { applicationName: 'web', sortOrder: 'ascending' })
    expect(revisions).toEqual([
      { revisionType: 'String', string: { ...string, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } },
      revision,
    ])
    const { revisionInfo } = await ask('GetApplicationRevision', { applicationName: 'web', revision })
    expect(revisionInfo).toMatchObject({ deploymentGroups: ['web'], lastUsedTime: world.clock.now() })
    await expect(
      ask('GetApplicationRevision', {
        applicationName: 'web',
        revision: { revisionType: 'String', string: { content: 'other' } },
      }),
    ).rejects.toMatchObject({ code: 'RevisionDoesNotExistException' })
  })
})

describe('tags', () => {
  it('are those of applications and groups, by their ARNs', async () => {
    await world.deployable()
    const arn = (resource: string): string => `arn:aws:codedeploy:eu-west-1:123456789012:${resource}`
    for (const ResourceArn of [arn('application:web'), arn('deploymentgroup:web/web')]) {
      await ask('TagResource', {
        ResourceArn,
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      })
      await ask('UntagResource', { ResourceArn, TagKeys: ['a'] })
      expect(await ask('ListTagsForResource', { ResourceArn })).toEqual({ Tags: [{ Key: 'b', Value: '2' }] })
    }
    const list = (ResourceArn: string): Promise<unknown> => ask('ListTagsForResource', { ResourceArn })
    await expect(list('web')).rejects.toMatchObject({ code: 'InvalidArnException' })
    await expect(list(arn('deploymentconfig:x'))).rejects.toMatchObject({ code: 'ArnNotSupportedException' })
    await expect(list(arn('application:x'))).rejects.toMatchObject({ code: 'ApplicationDoesNotExistException' })
    await expect(
      ask('TagResource', { ResourceArn: arn('application:web'), Tags: [{ Key: 'aws:x', Value: '' }] }),
    ).rejects.toMatchObject({ code: 'InvalidTagsToAddException' })
  })
})
