// The AWS SDK for JavaScript against the server, in every protocol.

import { CloudWatchClient, GetDashboardCommand, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch'
import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import * as logs from '@aws-sdk/client-cloudwatch-logs'
import * as ec2 from '@aws-sdk/client-ec2'
import * as ecs from '@aws-sdk/client-ecs'
import * as efs from '@aws-sdk/client-efs'
import * as iam from '@aws-sdk/client-iam'
import * as route53 from '@aws-sdk/client-route-53'
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AwsError } from '#aws/refusal.ts'
import { ALL_APIS } from '#test/api-server-apis.ts'
import { ACCOUNT, KEY, started, TEMPORARY_KEY, type Started } from '#test/api-server.ts'

let server: Started
beforeAll(async () => {
  server = await started(ALL_APIS)
})
afterAll(() => server.close())

const config = (over: object = {}) => ({
  endpoint: server.endpoint,
  region: 'eu-west-1',
  credentials: KEY,
  maxAttempts: 1,
  ...over,
})

/** What a refused call shows to an SDK's user. */
const refusal = async (call: Promise<unknown>): Promise<Record<string, unknown>> => {
  const error = await call.then(
    () => expect.fail('the call was not refused'),
    (reason: unknown) => reason as Error & { $metadata: { httpStatusCode: number; requestId: string } },
  )
  const { $metadata, ...members } = error as unknown as Record<string, unknown> & typeof error
  expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/)
  return { ...members, name: error.name, message: error.message, status: $metadata.httpStatusCode }
}

describe('awsJson 1.1', () => {
  it('carries nested structures, times and any text', async () => {
    const { tasks } = await new ecs.ECSClient(config()).send(
      new ecs.DescribeTasksCommand({ cluster: 'c', tasks: ['t1', 't2'] }),
    )
    expect(tasks).toHaveLength(2)
    expect(tasks?.[1]).toEqual({
      taskArn: 't2',
      clusterArn: 'c',
      createdAt: new Date('2026-01-02T03:04:05.678Z'),
      startedBy: `${ACCOUNT} in eu-west-1`,
      tags: [{ key: 'name', value: 'a "quoted" \\ text\nwith ünïcödé 🎉 and \u0000' }],
    })
  })

  it('carries a whole task definition there and back', async () => {
    const input: ecs.RegisterTaskDefinitionCommandInput = {
      family: 'web',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      containerDefinitions: [
        {
          name: 'app',
          image: 'busybox',
          essential: false,
          command: [],
          dockerLabels: { __proto__x: 'y', 'com.example': '' },
          dependsOn: [{ containerName: 'db', condition: 'HEALTHY' }],
          healthCheck: { command: ['CMD', 'true'], interval: 5 },
          linuxParameters: { initProcessEnabled: true, tmpfs: [{ containerPath: '/tmp', size: 64 }] },
        },
      ],
      tags: [{ key: 'a', value: 'b' }],
    }
    const { taskDefinition, tags } = await new ecs.ECSClient(config()).send(
      new ecs.RegisterTaskDefinitionCommand(input),
    )
    const { tags: _, ...described } = input
    expect(taskDefinition).toMatchObject({ family: 'web', cpu: '256' })
    expect(taskDefinition?.containerDefinitions).toEqual(described.containerDefinitions)
    expect(tags).toEqual(input.tags)
  })

  it('gives modelled refusals with their further members', async () => {
    const client = new ecs.ECSClient(config())
    expect(await refusal(client.send(new ecs.DeleteClusterCommand({ cluster: 'x' })))).toMatchObject({
      name: 'ClusterNotFoundException',
      message: 'Cluster not found.',
      status: 400,
    })
    expect(await refusal(client.send(new ecs.UpdateServiceCommand({ service: 's' })))).toMatchObject({
      name: 'ConflictException',
      resourceIds: ['one', 'two'],
    })
  })

  it('validates in the words of the API', async () => {
    const client = new ecs.ECSClient(config())
    expect(await refusal(client.send(new ecs.DescribeTasksCommand({} as never)))).toMatchObject({
      name: 'InvalidParameterException',
      message:
        "1 validation error detected: Value null at 'tasks' failed to satisfy constraint: Member must not be null",
    })
    const logsClient = new logs.CloudWatchLogsClient(config())
    expect(
      await refusal(logsClient.send(new logs.CreateLogGroupCommand({ logGroupName: 'no spaces please' }))),
    ).toMatchObject({
      name: 'InvalidParameterException',
      message:
        "1 validation error detected: Value 'no spaces please' at 'logGroupName' failed to satisfy constraint: " +
        'Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+',
    })
  })

  it('asks the authorization hook, with the action as IAM names it, before it calls', async () => {
    const asked: string[] = []
    const guarded = await started(ALL_APIS, {
      authorize: async (action, caller, _, input) => {
        asked.push(`${action} by ${caller.account} for ${JSON.stringify(input)}`)
        throw new AwsError('AccessDeniedException', 'User is not authorized.')
      },
    })
    const client = new ecs.ECSClient(config({ endpoint: guarded.endpoint }))
    expect(await refusal(client.send(new ecs.StopTaskCommand({ task: 't' })))).toMatchObject({
      name: 'AccessDeniedException',
    })
    expect(asked).toEqual([`ecs:StopTask by ${ACCOUNT} for {"task":"t"}`])
    expect(guarded.bugs).toEqual([])
    await guarded.close()
  })

  it('answers an unfinished operation with 501 and its name', async () => {
    const client = new ecs.ECSClient(config())
    expect(await refusal(client.send(new ecs.RunTaskCommand({ taskDefinition: 'x' })))).toMatchObject({
      name: 'NotImplemented',
      status: 501,
      message: 'The operation RunTask of ecs is not implemented here.',
    })
  })

  it("hides a bug's text from the caller and shows it to the log, without the caller's values", async () => {
    const before = server.bugs.length
    const client = new ecs.ECSClient(config())
    const seen = await refusal(client.send(new ecs.StopTaskCommand({ task: 't-1', reason: 'passw0rd' })))
    expect(seen).toMatchObject({ name: 'ServerException', status: 500, message: 'An internal error has occurred.' })
    expect(JSON.stringify(seen)).not.toContain('hunter2')
    const [bug] = server.bugs.slice(before)
    expect(String(bug?.error)).toContain('hunter2')
    expect(bug?.fields).toMatchObject({ api: 'ecs', operation: 'StopTask' })
    expect(JSON.stringify(bug?.fields)).not.toContain('passw0rd')
  })

  it('takes an unknown output member for a bug in tests, and drops it in production', async () => {
    const client = new ecs.ECSClient(config())
    expect(await refusal(client.send(new ecs.ListClustersCommand({})))).toMatchObject({ status: 500 })
    expect(String(server.bugs.at(-1)?.error)).toContain('ListClustersResponse has no member clusterArn')
    const lenient = await started(ALL_APIS, { strictOutput: false })
    const client2 = new ecs.ECSClient(config({ endpoint: lenient.endpoint }))
    expect((await client2.send(new ecs.ListClustersCommand({}))).clusterArns).toBeUndefined()
    await lenient.close()
  })
})

describe('awsQuery', () => {
  it('carries lists, numbers, times and documents', async () => {
    const { Role } = await new iam.IAMClient(config()).send(
      new iam.CreateRoleCommand({
        RoleName: 'r',
        AssumeRolePolicyDocument: '{"a":"b & c"}',
        MaxSessionDuration: 7200,
        Tags: 'abcdefghijkl'.split('').map((Key) => ({ Key, Value: `${Key}=&?` })),
      }),
    )
    expect(Role).toMatchObject({ RoleName: 'r', AssumeRolePolicyDocument: '{"a":"b & c"}', MaxSessionDuration: 7200 })
    expect(Role?.CreateDate).toEqual(new Date('2026-01-02T03:04:05.678Z'))
    expect(Role?.Tags?.map(({ Key }) => Key).join('')).toBe('abcdefghijkl')
  })

  it('gives empty lists, outputs without members, and codes that are not names', async () => {
    const client = new iam.IAMClient(config())
    expect(await client.send(new iam.ListRolesCommand({ MaxItems: 7 }))).toMatchObject({ Roles: [], Marker: '7' })
    await client.send(new iam.DeleteRoleCommand({ RoleName: 'r' }))
    const seen = await refusal(client.send(new iam.GetRoleCommand({ RoleName: 'r' })))
    expect(seen).toMatchObject({ name: 'NoSuchEntityException', status: 404 })
    expect(seen['message']).toBe('The role with name <x> & co cannot be found.')
  })

  it('validates ranges and requirements', async () => {
    const client = new iam.IAMClient(config())
    const create = new iam.CreateRoleCommand({ AssumeRolePolicyDocument: 'x', MaxSessionDuration: 5 } as never)
    expect(await refusal(client.send(create))).toMatchObject({
      name: 'ValidationError',
      message:
        "2 validation errors detected: Value null at 'roleName' failed to satisfy constraint: Member must not be null; " +
        "Value '5' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600",
    })
  })

  it('knows the caller, by permanent and by temporary credentials, and lets web identities in unsigned', async () => {
    for (const credentials of [KEY, TEMPORARY_KEY]) {
      const identity = await new STSClient(config({ credentials })).send(new GetCallerIdentityCommand({}))
      expect(identity.Account).toBe(ACCOUNT)
    }
    const federated = await new STSClient(config()).send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: 'x'.repeat(20),
        RoleSessionName: 'me',
        WebIdentityToken: 'abcd',
      }),
    )
    expect(federated.SubjectFromWebIdentityToken).toBe('me')
  })
})

describe('ec2Query', () => {
  it('carries flat lists of lists', async () => {
    const client = new ec2.EC2Client(config())
    const { Vpcs } = await client.send(
      new ec2.DescribeVpcsCommand({
        VpcIds: ['vpc-1', 'vpc-2'],
        Filters: [
          { Name: 'is-default', Values: ['true'] },
          { Name: 'cidr', Values: ['10.0.0.0/8', 'b'] },
        ],
      }),
    )
    expect(Vpcs).toEqual(
      ['vpc-1', 'vpc-2'].map((VpcId) => ({ VpcId, IsDefault: true, CidrBlock: '10.0.0.0/8,b', Tags: [] })),
    )
    const { SecurityGroupRules } = await client.send(
      new ec2.AuthorizeSecurityGroupIngressCommand({
        GroupId: 'sg-1',
        IpPermissions: [{ FromPort: 80, IpRanges: [{ CidrIp: '1.2.3.4/32' }, { CidrIp: '::/0' }] }, { FromPort: 0 }],
      }),
    )
    expect(SecurityGroupRules).toMatchObject([{ FromPort: 80, CidrIpv4: '1.2.3.4/32 ::/0' }, { FromPort: 0 }])
    await client.send(new ec2.DeleteVpcCommand({ VpcId: 'vpc-1' }))
  })

  it('gives free-text codes and its own validation', async () => {
    const client = new ec2.EC2Client(config())
    expect(await refusal(client.send(new ec2.DescribeSubnetsCommand({})))).toMatchObject({
      name: 'InvalidSubnetID.NotFound',
      message: "The subnet ID 'subnet-1' does not exist",
    })
    expect(await refusal(client.send(new ec2.DeleteVpcCommand({} as never)))).toMatchObject({
      name: 'MissingParameter',
      message: 'The request must contain the parameter vpcId',
    })
    expect(await refusal(client.send(new ec2.RunInstancesCommand({ MinCount: 1, MaxCount: 1 })))).toMatchObject({
      name: 'UnsupportedOperation',
      status: 501,
    })
  })
})

describe('restJson1', () => {
  it('carries bodies, labels and query strings', async () => {
    const client = new efs.EFSClient(config())
    const made = await client.send(
      new efs.CreateFileSystemCommand({ ProvisionedThroughputInMibps: 1.5, Tags: [{ Key: 'k', Value: 'v' }] }),
    )
    expect(made).toMatchObject({ ProvisionedThroughputInMibps: 1.5, Tags: [{ Key: 'k', Value: 'v' }] })
    expect(made.CreationToken).toMatch(/^[0-9a-f-]{36}$/)
    expect(made.$metadata.httpStatusCode).toBe(201)
    const page = await client.send(new efs.DescribeFileSystemsCommand({ MaxItems: 3, Marker: 'a/b&c' }))
    expect(page.Marker).toBe('3 after a/b&c')
    const arn = 'arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-1'
    const { Tags } = await client.send(new efs.ListTagsForResourceCommand({ ResourceId: arn }))
    expect(Tags).toEqual([{ Key: 'id', Value: arn }])
    await client.send(new efs.UntagResourceCommand({ ResourceId: arn, TagKeys: ['a', 'b c'] }))
    const gone = await client.send(new efs.DeleteFileSystemCommand({ FileSystemId: 'fs-1' }))
    expect(gone.$metadata.httpStatusCode).toBe(204)
  })

  it('gives modelled refusals with their further members', async () => {
    const client = new efs.EFSClient(config())
    const seen = await refusal(client.send(new efs.DescribeFileSystemsCommand({ FileSystemId: 'fs-404' })))
    expect(seen).toMatchObject({ name: 'FileSystemNotFound', ErrorCode: 'FileSystemNotFound', status: 404 })
    expect(seen['message']).toBe('No such file system.')
  })
})

describe('restXml', () => {
  it('carries XML both ways, and headers', async () => {
    const client = new route53.Route53Client(config())
    const made = await client.send(
      new route53.CreateHostedZoneCommand({
        Name: 'example.com',
        CallerReference: 'ref <&>',
        HostedZoneConfig: { Comment: 'a\nb' },
      }),
    )
    expect(made.HostedZone).toEqual({
      Id: '/hostedzone/Z1',
      Name: 'example.com',
      CallerReference: 'ref <&>',
      Config: { Comment: 'a\nb', PrivateZone: true },
    })
    expect(made.Location).toBe('https://route53.amazonaws.com/2013-04-01/hostedzone/Z1')
    expect(made.DelegationSet?.NameServers).toEqual(['ns-1', 'ns-2'])
    expect(made.$metadata.httpStatusCode).toBe(201)
    const changed = await client.send(
      new route53.ChangeResourceRecordSetsCommand({
        HostedZoneId: '/hostedzone/Z1',
        ChangeBatch: {
          Changes: [
            {
              Action: 'UPSERT',
              ResourceRecordSet: { Name: 'a', Type: 'A', TTL: 60, ResourceRecords: [{ Value: '1' }, { Value: '2' }] },
            },
            { Action: 'DELETE', ResourceRecordSet: { Name: 'b', Type: 'TXT' } },
          ],
        },
      }),
    )
    expect(changed.ChangeInfo).toMatchObject({ Id: 'Z1', Comment: 'UPSERT a 60 1|2; DELETE b undefined undefined' })
    expect(await refusal(client.send(new route53.GetHostedZoneCommand({ Id: 'Z404' })))).toMatchObject({
      name: 'NoSuchHostedZone',
      status: 404,
    })
  })
})

describe('cloudwatch, which speaks three protocols', () => {
  const settings = {
    defaultNamespace: 'com.amazonaws.cloudwatch',
    serviceTarget: 'GraniteServiceVersion20100801',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    version: '2010-08-01',
  }
  const StartTime = new Date('2026-01-01T00:00:00.000Z')
  const statistics = { Namespace: 'n', MetricName: 'm', StartTime, EndTime: new Date(), Period: 60 }

  it.each([
    ['JSON', {}],
    ['CBOR', { protocol: AwsSmithyRpcV2CborProtocol, protocolSettings: settings }],
    ['query', { protocol: AwsQueryProtocol, protocolSettings: settings }],
  ])('answers in %s', async (_, over) => {
    const client = new CloudWatchClient({ ...config(), ...(over as object) })
    const { Label, Datapoints } = await client.send(new GetMetricStatisticsCommand(statistics))
    expect(Label).toBe('m')
    expect(Datapoints).toEqual([{ Timestamp: StartTime, Average: 2, Sum: 0.1, Unit: 'Count' }])
    const missing = await refusal(client.send(new GetDashboardCommand({ DashboardName: 'x' })))
    expect(missing['status']).toBe(404)
    expect(missing['message']).toBe('Dashboard x does not exist')
  })

  it('unzips a large body', async () => {
    const MetricData = Array.from({ length: 300 }, (_, index) => ({
      MetricName: `metric-${index}-${'x'.repeat(50)}`,
      Value: index,
    }))
    const put = await new CloudWatchClient(config()).send(new PutMetricDataCommand({ Namespace: 'n', MetricData }))
    expect(put.$metadata.httpStatusCode).toBe(200)
  })
})
