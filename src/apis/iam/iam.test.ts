// IAM's operations as a caller sees them.

import type * as sdk from '@aws-sdk/client-iam'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Call, Operations } from '#aws/operation.ts'
import { asking, testCall } from '#test/call.ts'
import { iam } from './index.ts'
import { ATTACHED_POLICIES_PER_ROLE, VERSIONS_PER_POLICY } from './model/limits.ts'
import { roleByArn } from './tables.ts'

let call: Call
const ask = asking<Operations<typeof sdk>>(iam, () => call)

beforeEach(() => {
  call = testCall()
})

const trusting = (statement: object = {}): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole', ...statement },
    ],
  })
const allowing = (statement: object = {}): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*', ...statement }],
  })
const role = (RoleName = 'tasks', AssumeRolePolicyDocument = trusting()) =>
  ask('CreateRole', { RoleName, AssumeRolePolicyDocument })
const policy = async (PolicyName = 'read', PolicyDocument = allowing()) =>
  (await ask('CreatePolicy', { PolicyName, PolicyDocument })).Policy!.Arn!

const NO_ROLE = { code: 'NoSuchEntityException', message: 'The role with name tasks cannot be found.' }
const EXECUTION = 'arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy'

describe('roles', () => {
  it('are made, shown with their documents encoded, and deleted', async () => {
    const { Role } = await ask('CreateRole', {
      RoleName: 'tasks',
      Path: '/team/',
      Description: 'for tasks',
      AssumeRolePolicyDocument: trusting(),
      Tags: [{ Key: 'a', Value: 'b' }],
    })
    expect(Role).toMatchObject({
      Arn: 'arn:aws:iam::123456789012:role/team/tasks',
      RoleId: expect.stringMatching(/^AROA[A-Z0-9]{17}$/),
      MaxSessionDuration: 3600,
      CreateDate: new Date('2026-01-01T00:00:00Z'),
    })
    const shown = (await ask('GetRole', { RoleName: 'tasks' })).Role!
    expect(decodeURIComponent(shown.AssumeRolePolicyDocument!)).toBe(trusting())
    expect(shown.AssumeRolePolicyDocument).not.toMatch(/[{" *]/)
    expect(shown).toMatchObject({ Tags: [{ Key: 'a', Value: 'b' }], RoleLastUsed: {} })
    expect(await ask('ListInstanceProfilesForRole', { RoleName: 'tasks' })).toEqual({
      InstanceProfiles: [],
      IsTruncated: false,
    })
    await ask('DeleteRole', { RoleName: 'tasks' })
    await expect(ask('GetRole', { RoleName: 'tasks' })).rejects.toMatchObject(NO_ROLE)
  })

  it('belong to an account, not to a region', async () => {
    await role()
    call = { ...call, scope: { ...call.scope, region: 'us-east-1' } }
    expect((await ask('ListRoles', {})).Roles).toHaveLength(1)
    call = { ...call, scope: { ...call.scope, account: '210987654321' } }
    expect((await ask('ListRoles', {})).Roles).toEqual([])
    await expect(ask('GetRole', { RoleName: 'tasks' })).rejects.toMatchObject(NO_ROLE)
  })

  it('are found by their ARN by whoever assumes them', async () => {
    const { Arn } = (await role()).Role!
    const find = (arn: string) => call.store.read((reader) => roleByArn(reader, arn))
    expect(await find(Arn!)).toMatchObject({ name: 'tasks' })
    for (const arn of [
      'x',
      Arn!.replace('role/', 'role/team/'),
      Arn!.replace('role', 'policy'),
      Arn!.replace('1234', '4321'),
    ]) {
      expect(await find(arn)).toBeUndefined()
    }
  })

  it('have names that differ by more than case', async () => {
    await role('tasks')
    await expect(role('Tasks')).rejects.toMatchObject({
      code: 'EntityAlreadyExistsException',
      message: 'Role with name Tasks already exists.',
    })
    await expect(ask('GetRole', { RoleName: 'TASKS' })).rejects.toMatchObject({ code: 'NoSuchEntityException' })
  })

  it.each([
    [
      { RoleName: 'a b' },
      'The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
    ],
    [
      { Path: 'team' },
      'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
    ],
    [
      { MaxSessionDuration: 60 },
      "1 validation error detected: Value '60' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600",
    ],
    [
      {
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'A', Value: '2' },
        ],
      },
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    ],
    [{ Tags: [{ Key: 'aws:a', Value: '1' }] }, 'Tag keys with the prefix aws: are reserved for AWS use.'],
    [
      { Tags: Array.from({ length: 51 }, (_, n) => ({ Key: `k${n}`, Value: '' })) },
      'Cannot exceed quota for TagsPerRole: 50',
    ],
    [{ AssumeRolePolicyDocument: trusting({ Sid: 'x'.repeat(2048) }) }, 'Cannot exceed quota for ACLSizePerRole: 2048'],
  ])('are not made with %j', async (input, message) => {
    await expect(
      ask('CreateRole', { RoleName: 'tasks', AssumeRolePolicyDocument: trusting(), ...input }),
    ).rejects.toMatchObject({ message })
  })

  it('are updated', async () => {
    await role()
    await ask('UpdateRole', { RoleName: 'tasks', Description: 'new', MaxSessionDuration: 7200 })
    const wider = trusting({ Principal: '*' })
    await ask('UpdateAssumeRolePolicy', { RoleName: 'tasks', PolicyDocument: wider })
    const { Role } = await ask('GetRole', { RoleName: 'tasks' })
    expect(Role).toMatchObject({ Description: 'new', MaxSessionDuration: 7200 })
    expect(decodeURIComponent(Role!.AssumeRolePolicyDocument!)).toBe(wider)
    await expect(ask('UpdateRole', { RoleName: 'none' })).rejects.toMatchObject({
      message: 'The role with name none cannot be found.',
    })
  })

  it('have tags', async () => {
    await role()
    await ask('TagRole', {
      RoleName: 'tasks',
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    })
    await ask('TagRole', { RoleName: 'tasks', Tags: [{ Key: 'A', Value: '3' }] })
    await ask('UntagRole', { RoleName: 'tasks', TagKeys: ['B'] })
    expect(await ask('ListRoleTags', { RoleName: 'tasks' })).toEqual({
      Tags: [{ Key: 'A', Value: '3' }],
      IsTruncated: false,
    })
  })

  it('are listed in pages and by path', async () => {
    for (let n = 0; n < 5; n++) await role(`role-${n}`)
    await ask('CreateRole', { RoleName: 'apart', Path: '/team/', AssumeRolePolicyDocument: trusting() })
    const first = await ask('ListRoles', { MaxItems: 4 })
    expect(first.IsTruncated).toBe(true)
    const second = await ask('ListRoles', { MaxItems: 4, Marker: first.Marker! })
    expect(second).toMatchObject({ IsTruncated: false })
    expect([...first.Roles!, ...second.Roles!].map((each) => each.RoleName)).toEqual([
      'apart',
      'role-0',
      'role-1',
      'role-2',
      'role-3',
      'role-4',
    ])
    expect((await ask('ListRoles', { PathPrefix: '/team/' })).Roles).toHaveLength(1)
    await expect(ask('ListRoles', { Marker: '%' })).rejects.toMatchObject({ message: 'Invalid Marker.' })
    await expect(ask('ListRoles', { MaxItems: 0 })).rejects.toMatchObject({ code: 'ValidationError' })
  })
})

describe('managed policies', () => {
  it('of AWS are there, with their documents, and are attached', async () => {
    const { Policy } = await ask('GetPolicy', { PolicyArn: EXECUTION })
    expect(Policy).toMatchObject({ PolicyName: 'AmazonECSTaskExecutionRolePolicy', AttachmentCount: 0 })
    const { PolicyVersion } = await ask('GetPolicyVersion', {
      PolicyArn: EXECUTION,
      VersionId: Policy!.DefaultVersionId!,
    })
    expect(JSON.parse(decodeURIComponent(PolicyVersion!.Document!))).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: [
            'ecr:GetAuthorizationToken',
            'ecr:BatchCheckLayerAvailability',
            'ecr:GetDownloadUrlForLayer',
            'ecr:BatchGetImage',
            'logs:CreateLogStream',
            'logs:PutLogEvents',
          ],
          Resource: '*',
        },
      ],
    })
    await role()
    const both = { RoleName: 'tasks', PolicyArn: EXECUTION }
    await ask('AttachRolePolicy', both)
    await ask('AttachRolePolicy', both)
    expect((await ask('ListAttachedRolePolicies', { RoleName: 'tasks' })).AttachedPolicies).toEqual([
      { PolicyName: 'AmazonECSTaskExecutionRolePolicy', PolicyArn: EXECUTION },
    ])
    expect((await ask('ListPolicies', { OnlyAttached: true })).Policies).toMatchObject([
      { Arn: EXECUTION, AttachmentCount: 1 },
    ])
    await expect(ask('DeleteRole', { RoleName: 'tasks' })).rejects.toMatchObject({
      code: 'DeleteConflictException',
      message: 'Cannot delete entity, must detach all policies first.',
    })
    await expect(ask('DeletePolicy', { PolicyArn: EXECUTION })).rejects.toMatchObject({ code: 'NoSuchEntityException' })
    await ask('DetachRolePolicy', both)
    await expect(ask('DetachRolePolicy', both)).rejects.toMatchObject({ message: `Policy ${EXECUTION} was not found.` })
    await ask('DeleteRole', { RoleName: 'tasks' })
  })

  it('of the account are made, versioned and deleted', async () => {
    const PolicyArn = await policy()
    await expect(policy()).rejects.toMatchObject({
      message: 'A policy called read already exists. Duplicate names are not allowed.',
    })
    await role()
    await ask('AttachRolePolicy', { RoleName: 'tasks', PolicyArn })
    await expect(ask('DeletePolicy', { PolicyArn })).rejects.toMatchObject({
      message: 'Cannot delete a policy attached to entities.',
    })
    await ask('DetachRolePolicy', { RoleName: 'tasks', PolicyArn })
    await ask('CreatePolicyVersion', { PolicyArn, PolicyDocument: allowing({ Action: '*' }), SetAsDefault: true })
    expect((await ask('ListPolicyVersions', { PolicyArn })).Versions).toMatchObject([
      { VersionId: 'v1', IsDefaultVersion: false },
      { VersionId: 'v2', IsDefaultVersion: true },
    ])
    await expect(ask('DeletePolicy', { PolicyArn })).rejects.toMatchObject({
      message:
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. " +
        'The default version is deleted with the policy.',
    })
    await expect(ask('DeletePolicyVersion', { PolicyArn, VersionId: 'v2' })).rejects.toMatchObject({
      message: 'Cannot delete the default version of a policy.',
    })
    await ask('SetDefaultPolicyVersion', { PolicyArn, VersionId: 'v1' })
    await ask('DeletePolicyVersion', { PolicyArn, VersionId: 'v2' })
    await expect(ask('GetPolicyVersion', { PolicyArn, VersionId: 'v2' })).rejects.toMatchObject({
      message: `Policy ${PolicyArn} version v2 does not exist or is not attachable.`,
    })
    expect((await ask('ListPolicies', { Scope: 'Local' })).Policies).toHaveLength(1)
    expect((await ask('ListPolicies', { Scope: 'AWS', PathPrefix: '/service-role/' })).Policies).toHaveLength(2)
    await ask('DeletePolicy', { PolicyArn })
    await expect(ask('GetPolicy', { PolicyArn })).rejects.toMatchObject({
      message: `Policy ${PolicyArn} was not found.`,
    })
  })

  it('are limited in number', async () => {
    const PolicyArn = await policy()
    for (let n = 1; n < VERSIONS_PER_POLICY; n++) {
      await ask('CreatePolicyVersion', { PolicyArn, PolicyDocument: allowing() })
    }
    await expect(ask('CreatePolicyVersion', { PolicyArn, PolicyDocument: allowing() })).rejects.toMatchObject({
      code: 'LimitExceededException',
      message:
        'A managed policy can have up to 5 versions. ' +
        'Before you create a new version, you must delete an existing version.',
    })
    await role()
    for (let n = 0; n < ATTACHED_POLICIES_PER_ROLE; n++) {
      await ask('AttachRolePolicy', { RoleName: 'tasks', PolicyArn: await policy(`p${n}`) })
    }
    await expect(ask('AttachRolePolicy', { RoleName: 'tasks', PolicyArn })).rejects.toMatchObject({
      message: 'Cannot exceed quota for PoliciesPerRole: 10',
    })
    await expect(policy('long', allowing({ Sid: 'x'.repeat(6144) }))).rejects.toMatchObject({
      message: 'Cannot exceed quota for PolicySize: 6144',
    })
    await expect(
      ask('AttachRolePolicy', { RoleName: 'tasks', PolicyArn: 'arn:aws:iam::aws:policy/None' }),
    ).rejects.toMatchObject({ message: 'Policy arn:aws:iam::aws:policy/None does not exist or is not attachable.' })
  })
})

describe('inline policies', () => {
  it('are written into a role, shown and taken out', async () => {
    await role()
    const named = { RoleName: 'tasks', PolicyName: 'own' }
    await ask('PutRolePolicy', { ...named, PolicyDocument: allowing() })
    await ask('PutRolePolicy', { ...named, PolicyDocument: allowing({ Action: '*' }) })
    expect(await ask('ListRolePolicies', { RoleName: 'tasks' })).toEqual({ PolicyNames: ['own'], IsTruncated: false })
    const { PolicyDocument } = await ask('GetRolePolicy', named)
    expect(decodeURIComponent(PolicyDocument!)).toBe(allowing({ Action: '*' }))
    await expect(ask('DeleteRole', { RoleName: 'tasks' })).rejects.toMatchObject({
      message: 'Cannot delete entity, must delete policies first.',
    })
    await expect(
      ask('PutRolePolicy', { ...named, PolicyDocument: allowing({ Sid: 'x'.repeat(10_240) }) }),
    ).rejects.toMatchObject({ message: 'Maximum policy size of 10240 bytes exceeded for role tasks' })
    await ask('DeleteRolePolicy', named)
    for (const name of ['GetRolePolicy', 'DeleteRolePolicy'] as const) {
      await expect(ask(name, named)).rejects.toMatchObject({
        message: 'The role policy with name own cannot be found.',
      })
    }
  })
})

describe('policy documents', () => {
  it.each([
    ['{', 'This policy contains invalid Json'],
    ['[]', 'Syntax errors in policy.'],
    ['null', 'Syntax errors in policy.'],
    ['{}', 'Syntax errors in policy.'],
    [JSON.stringify({ Statement: [] }), 'Syntax errors in policy.'],
    [JSON.stringify({ Statement: [null] }), 'Syntax errors in policy.'],
    [JSON.stringify({ Version: '2026-01-01', Statement: {} }), 'The policy must contain a valid version string'],
    [allowing({ Effect: undefined }), 'Missing required field Effect'],
    [allowing({ Effect: 'Maybe' }), 'Invalid effect: "Maybe"'],
    [allowing({ Action: undefined }), 'Policy statement must contain actions.'],
    [allowing({ Action: 'GetObject' }), 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'],
    [allowing({ Action: [1] }), 'Syntax errors in policy.'],
    [allowing({ NotAction: 's3:*' }), 'Syntax errors in policy.'],
    [allowing({ Resource: undefined }), 'Policy statement must contain resources.'],
    [allowing({ Resource: 'bucket' }), 'Resource bucket must be in ARN format or "*".'],
    [allowing({ Principal: '*' }), 'Policy document should not specify a principal.'],
    [allowing({ Condition: 'x' }), 'Syntax errors in policy.'],
    [allowing({ Extra: 'x' }), 'Syntax errors in policy.'],
    [
      JSON.stringify({ Statement: [1, 2].map(() => ({ ...JSON.parse(allowing({ Sid: 'a' })).Statement[0] })) }),
      'Statement IDs (SID) in a single policy must be unique.',
    ],
  ])('for what may be done: %s is refused', async (PolicyDocument, message) => {
    await expect(policy('p', PolicyDocument)).rejects.toMatchObject({
      code: 'MalformedPolicyDocumentException',
      message,
    })
  })

  it.each([
    [trusting({ Resource: '*' }), 'Has prohibited field Resource'],
    [trusting({ Principal: undefined }), 'Missing required field Principal'],
    [trusting({ Principal: { Planet: 'mars' } }), 'Invalid principal in policy: "Planet"'],
    [trusting({ Principal: {} }), 'Syntax errors in policy.'],
    [trusting({ Principal: 'me' }), 'Syntax errors in policy.'],
    [trusting({ Action: 's3:GetObject' }), 'AssumeRole policy may only specify STS AssumeRole actions.'],
    [trusting({ Action: undefined }), 'Missing required field Action'],
  ])('for who may assume a role: %s is refused', async (document, message) => {
    await expect(role('tasks', document)).rejects.toMatchObject({ code: 'MalformedPolicyDocumentException', message })
  })
})

describe('service-linked roles', () => {
  it('are made for ECS once, and changed by nobody', async () => {
    const { Role } = await ask('CreateServiceLinkedRole', { AWSServiceName: 'ecs.amazonaws.com' })
    expect(Role).toMatchObject({
      RoleName: 'AWSServiceRoleForECS',
      Arn: 'arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS',
    })
    expect((await ask('ListAttachedRolePolicies', { RoleName: Role!.RoleName! })).AttachedPolicies).toHaveLength(1)
    await expect(ask('CreateServiceLinkedRole', { AWSServiceName: 'ecs.amazonaws.com' })).rejects.toMatchObject({
      code: 'InvalidInputException',
      message: 'Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix.',
    })
    await expect(ask('DeleteRole', { RoleName: 'AWSServiceRoleForECS' })).rejects.toMatchObject({
      code: 'UnmodifiableEntityException',
      message:
        "Cannot perform the operation on the protected role 'AWSServiceRoleForECS' - " +
        'this role is only modifiable by AWS services.',
    })
    await expect(ask('CreateServiceLinkedRole', { AWSServiceName: 'toString' })).rejects.toMatchObject({
      message: 'Service Linked Roles are not supported for the service toString.',
    })
    await expect(
      ask('CreateServiceLinkedRole', { AWSServiceName: 'ecs.amazonaws.com', CustomSuffix: 'x' }),
    ).rejects.toMatchObject({ message: 'Custom suffix is not allowed for ecs.amazonaws.com' })
  })
})
